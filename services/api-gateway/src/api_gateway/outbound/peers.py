"""The services that own data: a request goes to them as it came, their answer comes back as a stream."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import httpx
import structlog

from api_gateway.metrics import FORWARDED
from api_gateway.settings import PeerSettings
from common.errors import AppError, ErrorKind, register_translations
from common.telemetry.context import trace_headers
from common.web.credentials import ACCESS_COOKIE, CSRF_COOKIE, CSRF_HEADER, REFRESH_COOKIE, SIGN_IN_COOKIE

log = structlog.get_logger(__name__)

#: What a client may say to an owner; all else (cookies, forwarding headers, hop-by-hop) stays here.
PASSED_ON = (
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "content-type",
    "content-length",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "if-range",
    "prefer",
    "range",
    "user-agent",
)
#: What auth alone is told besides: the rules of cookies are its own.
_TO_AUTH = ("origin", CSRF_HEADER)
_COOKIES = (ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE, SIGN_IN_COOKIE)
#: What an owner may say to a client.
HANDED_BACK = frozenset((
    "accept-ranges", "age", "allow", "cache-control", "content-disposition", "content-encoding",
    "content-language", "content-length", "content-range", "content-security-policy", "content-type", "etag",
    "expires", "last-modified", "location", "preference-applied", "ratelimit", "ratelimit-policy", "retry-after",
    "vary", "www-authenticate", "x-data-as-of",
))  # fmt: skip
_TIMEOUT = httpx.Timeout(60, connect=2, pool=5)


class Peer(StrEnum):
    """An owner of data, by the name its errors begin with."""

    AUTH = "auth"
    JIRA_SYNC = "jira_sync"
    EXPORT_WORKER = "export_worker"


class AuthUnavailable(AppError):
    """Signing in is not possible just now; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "auth.unavailable"


class JiraSyncUnavailable(AppError):
    """The service that talks to Jira is away; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "jira_sync.unavailable"


class ExportWorkerUnavailable(AppError):
    """The service that makes exports is away; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "export_worker.unavailable"


class UnusableHeader(AppError):
    """A header of the request holds characters that no header may hold."""

    kind, code = ErrorKind.INVALID, "request.invalid_header"


class PeerBroken(AppError):
    """A service behind this one gave an answer that cannot be used."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "gateway.peer_broken"


register_translations(
    {
        "jira_sync.unavailable": "Служба связи с Jira сейчас недоступна; повторите чуть позже.",
        "export_worker.unavailable": "Служба экспорта сейчас недоступна; повторите чуть позже.",
        "request.invalid_header": "Заголовок запроса содержит недопустимые символы.",
        "gateway.peer_broken": "Внутренняя служба дала ответ, который нельзя использовать.",
    }
)

_AWAY: Mapping[Peer, type[AppError]] = {
    Peer.AUTH: AuthUnavailable,
    Peer.JIRA_SYNC: JiraSyncUnavailable,
    Peer.EXPORT_WORKER: ExportWorkerUnavailable,
}


@dataclass(frozen=True, slots=True)
class PeerRequest:
    """What to ask of an owner."""

    method: str
    path: str  # as it came, percent-encoded, with the query
    headers: Mapping[str, str]
    body: AsyncIterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """An answer whose body has yet to come; iterating it to the end, or closing it, frees the connection."""

    status: int
    headers: Mapping[str, str]
    response: httpx.Response
    cookies: Sequence[str] = ()  # only auth sets any

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes as the owner sent them."""
        try:
            async for chunk in self.response.aiter_raw():
                yield chunk
        finally:
            await self.response.aclose()

    async def close(self) -> None:
        """Gives the rest of the body up."""
        with suppress(httpx.HTTPError):
            await self.response.aclose()


class HttpPeers:
    """One connection pool to the owners."""

    def __init__(self, settings: PeerSettings, client: httpx.AsyncClient | None = None) -> None:
        self._addresses = {
            Peer.AUTH: settings.auth_url,
            Peer.JIRA_SYNC: settings.jira_sync_url,
            Peer.EXPORT_WORKER: settings.export_worker_url,
        }
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=40, keepalive_expiry=20)
        self._client = client or httpx.AsyncClient(timeout=_TIMEOUT, limits=limits, trust_env=False)

    async def send(self, peer: Peer, asked: PeerRequest) -> PeerAnswer:
        """Asks an owner; raises its `Unavailable` when it does not answer, `PeerBroken` when it answers nonsense."""
        headers = {"accept-encoding": "identity", **asked.headers, **trace_headers()}
        request = self._client.build_request(
            asked.method, self._addresses[peer] + asked.path, headers=headers, content=asked.body
        )
        try:
            response = await self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.TimeoutException, httpx.ReadError, httpx.WriteError) as error:
            raise self._away(peer, error) from error
        except httpx.LocalProtocolError as error:
            raise UnusableHeader from error
        except httpx.RemoteProtocolError as error:
            # A connection that ended before the first byte of an answer is what a restart looks like.
            if "disconnected" in str(error):
                raise self._away(peer, error) from error
            FORWARDED.labels(peer, "broken").inc()
            raise PeerBroken from error
        FORWARDED.labels(peer, "answered").inc()
        cookies = response.headers.get_list("set-cookie") if peer is Peer.AUTH else []
        return PeerAnswer(response.status_code, _kept(response.headers, HANDED_BACK), response, cookies)

    async def is_reachable(self, peer: Peer) -> bool:
        """For health: whether the owner's process answers."""
        try:
            answer = await self._client.get(f"{self._addresses[peer]}/health/live", timeout=2)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    def _away(self, peer: Peer, error: Exception) -> AppError:
        FORWARDED.labels(peer, "away").inc()
        log.warning("peer_away", peer=peer.value, error=type(error).__name__)
        return _AWAY[peer](retry_after=timedelta(seconds=2))


def passed_on(headers: Mapping[str, str], peer: Peer | None = None) -> dict[str, str]:
    """The headers of a client's request that go to an owner; blanks around a value are no part of it."""
    names = (*PASSED_ON, *_TO_AUTH) if peer is Peer.AUTH else PASSED_ON
    passed = {name: value.strip(" \t") for name, value in _kept(headers, names).items()}
    if peer is not Peer.AUTH:
        return passed
    ours = [part.strip() for part in headers.get("cookie", "").split(";") if part.split("=")[0].strip() in _COOKIES]
    if ours:
        passed["cookie"] = "; ".join(ours)
    return passed


def _kept(headers: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: value for name in names if (value := headers.get(name)) is not None}
