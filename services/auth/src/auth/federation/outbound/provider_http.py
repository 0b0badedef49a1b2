"""HTTP towards identity providers: an address and at most a form in, bounded JSON out, or why there is none."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson

from auth.federation.domain.errors import ProviderAddressForbidden, ProviderBroken, ProviderUnavailable
from common.network.addresses import AddressRules, ForbiddenAddress, InvalidAddress, check_target
from common.network.guarded import guarded_client

_LARGEST = 256 * 1024
_CONNECTIONS = 200
#: Of these one provider gets so many at a time: a slow one keeps its own people waiting and nobody else's.
_CONNECTIONS_EACH = 8
_MOST_REMEMBERED = 1000
_CONNECT = timedelta(seconds=3)
_AGAIN_AFTER = timedelta(seconds=5)
_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: a status and a JSON object."""

    status: int
    body: Mapping[str, Any]

    @property
    def is_fine(self) -> bool:
        return self.status == httpx.codes.OK


class ProviderHttp:
    """Every address was typed by a tenant or named by a provider, so every call goes through the guard."""

    def __init__(self, rules: AddressRules, timeout: timedelta) -> None:
        self._rules = rules
        self._patience = timeout.total_seconds()
        limits = httpx.Timeout(self._patience, connect=min(self._patience, _CONNECT.total_seconds()))
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._client = guarded_client(rules, timeout=limits, connections=_CONNECTIONS)

    async def close(self) -> None:
        await self._client.aclose()

    def check(self, address: str) -> None:
        """Plain http only to hosts that the operator named; others must not read codes and tokens on their way."""
        try:
            check_target(address, self._rules)
            url = httpx.URL(address)
        except (ForbiddenAddress, InvalidAddress, httpx.InvalidURL, ValueError) as error:
            raise ProviderAddressForbidden(detail=f"{address[:200]} may not be reached.") from error
        if url.scheme != "https" and not self._rules.lets_inner(url.host):
            raise ProviderAddressForbidden(detail="An identity provider needs an https address.")

    async def get(self, address: str, *, bearer: str | None = None) -> Answer:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return await self._ask("GET", address, headers=headers)

    async def post_form(self, address: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> Answer:
        return await self._ask("POST", address, data=form, auth=basic)

    async def post_json(self, address: str, body: Mapping[str, str]) -> Answer:
        return await self._ask("POST", address, json=body)

    async def get_list(self, address: str, *, bearer: str) -> list[Any]:
        """For the one answer of Atlassian that is a list."""
        status, body = await self._fetch("GET", address, headers={"Authorization": f"Bearer {bearer}"})
        if status != httpx.codes.OK or not isinstance(body, list):
            raise ProviderBroken
        return body

    async def _ask(self, method: str, address: str, **more: Any) -> Answer:
        status, body = await self._fetch(method, address, **more)
        if not isinstance(body, dict):
            raise ProviderBroken
        return Answer(status, body)

    def _turn(self, url: httpx.URL) -> asyncio.Semaphore:
        if len(self._turns) >= _MOST_REMEMBERED:
            self._turns = {place: turn for place, turn in self._turns.items() if turn.locked()}
        return self._turns.setdefault(f"{url.host}:{url.port}", asyncio.Semaphore(_CONNECTIONS_EACH))

    async def _fetch(self, method: str, address: str, **more: Any) -> tuple[int, Any]:
        self.check(address)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **more.pop("headers", {})}
        auth = more.pop("auth", None) or httpx.Auth()
        request = self._client.build_request(method, address, headers=headers, **more)
        try:
            async with asyncio.timeout(self._patience), self._turn(request.url):
                response = await self._client.send(request, stream=True, auth=auth)
                try:
                    return response.status_code, await _read(response)
                finally:
                    await response.aclose()
        except ForbiddenAddress as error:
            raise ProviderAddressForbidden from error
        except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, TimeoutError) as error:
            raise ProviderUnavailable(retry_after=_AGAIN_AFTER) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderBroken from error


async def _read(response: httpx.Response) -> Any:
    """A redirect is followed nowhere, and nothing is unpacked: both could lead where nobody looked."""
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or response.status_code in _BUSY:
        raise ProviderUnavailable(retry_after=_AGAIN_AFTER)
    if response.is_redirect or response.headers.get("content-encoding", "identity") != "identity":
        raise ProviderBroken
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _LARGEST:
            raise ProviderBroken(detail="The identity provider's answer is too large.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if response.status_code == httpx.codes.OK:
            raise ProviderBroken from None
        return {}
