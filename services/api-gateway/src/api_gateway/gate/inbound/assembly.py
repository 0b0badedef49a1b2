"""Puts the gate around the gateway: settings and routes come in, two middleware in their places go out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware import Middleware

from api_gateway.gate.domain.gcra import LocalBuckets
from api_gateway.gate.domain.insistence import Insistence
from api_gateway.gate.domain.prices import Lane, PricedRoute, PriceList, price_of
from api_gateway.gate.inbound.callers import Callers
from api_gateway.gate.inbound.cors import CorsMiddleware
from api_gateway.gate.inbound.middleware import Gate, GateMiddleware
from api_gateway.gate.outbound.shared_limits import RedisLimits
from api_gateway.gate.settings import Concurrency, GateSettings
from api_gateway.gate.usecases.count_request import Counters
from api_gateway.gate.usecases.hold_place import Places
from api_gateway.gate.usecases.know_limits import KnownLimits
from api_gateway.inbound.openapi import public_routes
from common.contracts.http.tenant_settings import LimitSettings
from common.db.database import Database
from common.db.origins import KnownOrigins
from common.db.tenant_settings import read_settings
from common.ids import TenantId
from common.settings import RedisSettings


class GateParts:
    """What the gate keeps open while the gateway runs."""

    def __init__(self, settings: GateSettings, redis: RedisSettings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._shared = RedisLimits.connect(redis, settings.redis_budget.total_seconds())
        self._known = KnownLimits(self._limits_of)
        self._origins = KnownOrigins(db, role="je_gateway_finder")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """A part of the gateway's life; it stands after the database, which it reads."""
        yield
        await self._known.close()
        await self._shared.close()

    def put_around(self, web: FastAPI, operators_origins: tuple[str, ...]) -> None:
        """CORS stands inside of what adds request ids and security headers, so that preflights have them too."""
        cors = Middleware(CorsMiddleware, frozenset(operators_origins), self._origins.tenants_of)
        web.user_middleware.insert(1, cors)
        if self._settings.enabled:
            web.state.gate = self._gate(web)
            web.user_middleware.append(Middleware(GateMiddleware, web.state.gate))

    def _gate(self, web: FastAPI) -> Gate:
        limits, rates = self._settings, self._settings.rates()
        bounds: dict[Lane, Concurrency] = {lane: getattr(limits, lane.value) for lane in Lane}
        return Gate(
            callers=Callers(rates.address.share(limits.nodes)),
            prices=PriceList(_priced_routes(web)),
            counters=Counters(rates, self._shared, LocalBuckets(), limits.nodes),
            known=self._known,
            places={
                lane: Places(
                    lane.value, places=bound.places, most_waiting=limits.most_waiting, patience=limits.patience
                )
                for lane, bound in bounds.items()
            },
            bounds=bounds,
            insistence=Insistence(),
            pause=limits.pause.total_seconds(),
        )

    async def _limits_of(self, tenant: TenantId) -> LimitSettings:
        async with self._db.read(tenant) as reader:
            return (await read_settings(reader)).limits


def _priced_routes(web: FastAPI) -> Iterator[PricedRoute]:
    for route in public_routes(web):
        for method in route.methods or ():
            yield PricedRoute(method, route.path, route.path_regex, price_of(route.openapi_extra))
