"""Every request passes here before it is routed: it is counted, waits for a place, and its answer says what is left."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api_gateway.gate.domain.charges import Member, network_of
from api_gateway.gate.domain.gcra import Verdict
from api_gateway.gate.domain.insistence import MOST_PAUSED, Insistence
from api_gateway.gate.domain.prices import Lane, Price, PriceList
from api_gateway.gate.inbound.bodies import received
from api_gateway.gate.inbound.callers import Callers
from api_gateway.gate.settings import Concurrency
from api_gateway.gate.usecases.count_request import Counters, count_request
from api_gateway.gate.usecases.hold_place import Places
from api_gateway.gate.usecases.know_limits import KnownLimits
from common.errors import AppError, register_translations
from common.web.problems import from_app_error, language_of, problem

register_translations({"limits.requests": "Слишком много запросов; повторите позже, см. Retry-After."})

#: Probes of an orchestrator are never limited.
_FREE = "/health"
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate needs."""

    callers: Callers
    prices: PriceList
    counters: Counters
    known: KnownLimits
    places: Mapping[Lane, Places]
    bounds: Mapping[Lane, Concurrency]
    insistence: Insistence
    pause: float


class GateMiddleware:
    """Stands around the router, inside of whatever reads or changes answers."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate
        self._paused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        price = self._gate.prices.of(scope["method"], scope["path"])
        client = scope.get("client")
        address = client[0] if client else "unknown"
        member = await self._gate.callers.member_of(scope, address)
        own = self._gate.known.of(member.tenant) if member and member.tenant else None
        verdict = await count_request(
            member,
            address,
            price.cost,
            tenants_own=own.requests_per_minute if own else None,
            counters=self._gate.counters,
        )
        if verdict.refused_by is not None:
            await self._slow_down(_group(member, address))
            await _too_many(scope, verdict)(scope, receive, send)
            return
        bound = self._gate.bounds[price.lane].per_tenant
        if own is not None and own.concurrent_requests is not None:
            bound = min(bound, own.concurrent_requests)
        await self._in_its_place(scope, receive, _saying(verdict, send), price, _group(member, address), bound)

    async def _slow_down(self, group: str) -> None:
        """Refusals cost work too: a client that only asks the faster is answered the slower."""
        if self._gate.insistence.note(group, time.monotonic()) and self._paused < MOST_PAUSED:
            self._paused += 1
            try:
                await asyncio.sleep(self._gate.pause)
            finally:
                self._paused -= 1

    async def _in_its_place(
        self, scope: Scope, receive: Receive, send: Send, price: Price, group: str, bound: int
    ) -> None:
        places = self._gate.places[price.lane]
        if scope["method"] in _WITH_BODY:
            receive = await received(receive)
        try:
            await places.take(group, bound)
        except AppError as error:
            await from_app_error(error, _language(scope))(scope, receive, send)
            return
        held = True

        async def sending(message: Message) -> None:
            """A whole answer is work that is done: who reads it slowly holds no place. A stream is work to its end."""
            nonlocal held
            if held and price.lane is not Lane.STREAM:
                held = False
                places.give_back(group)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if held:
                places.give_back(group)


def _group(member: Member | None, address: str) -> str:
    if member is None:
        return f"address {network_of(address)}"
    return f"tenant {member.tenant or 'platform'}"


def _saying(verdict: Verdict, send: Send) -> Send:
    headers = limit_headers(verdict)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            out = MutableHeaders(scope=message)
            for name, value in headers.items():
                out[name] = value
        await send(message)

    return sending


def limit_headers(verdict: Verdict) -> dict[str, str]:
    """All limits as policies, and how the tightest of them stands."""
    tightest = verdict.tightest
    if tightest is None:
        return {}
    policies = {each.limit.name: f'"{each.limit.name}";q={each.limit.per_minute};w=60' for each in verdict.standings}
    return {
        "RateLimit-Policy": ", ".join(policies.values()),
        "RateLimit": f'"{tightest.limit.name}";r={tightest.remaining};t={tightest.reset}',
    }


def _too_many(scope: Scope, verdict: Verdict) -> Response:
    name = verdict.refused_by.name if verdict.refused_by else ""
    return problem(
        429,
        "limits.requests",
        "Too many requests; try again later, see Retry-After.",
        language=_language(scope),
        detail=f"The limit of this {name} is used up.",
        extra={"limit": name},
        headers={"Retry-After": str(verdict.retry_after), **limit_headers(verdict)},
    )


def _language(scope: Scope) -> str:
    return language_of(Headers(scope=scope).get("accept-language"))
