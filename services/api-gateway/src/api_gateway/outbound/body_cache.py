"""Renderings of bodies in Redis, named by content: they never go stale, and with Redis away there are just none."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api_gateway.domain.circuit import Circuit
from api_gateway.metrics import CACHE_FAILURES
from common.ids import TenantId
from common.settings import RedisSettings

log = structlog.get_logger(__name__)

LIFETIME_SECONDS = 24 * 3600
#: Larger renderings are rare, and would push many small ones out.
MAX_BYTES = 512 * 1024


class BodyCache(Protocol):
    """Keeps bytes by address, per tenant."""

    async def get_many(self, tenant: TenantId, addresses: Sequence[str]) -> list[bytes | None]: ...

    async def put_many(self, tenant: TenantId, renderings: Mapping[str, bytes]) -> None: ...


class RedisBodyCache:
    """Asks Redis with a short time limit; after a failure it does not even ask for a while."""

    def __init__(self, client: "Redis | RedisCluster", clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._circuit = Circuit()

    @classmethod
    def connect(cls, settings: RedisSettings) -> "RedisBodyCache":
        """A client that connects when it is first asked."""
        seconds = settings.timeout.total_seconds()
        url = settings.url.get_secret_value()
        if settings.cluster:
            return cls(RedisCluster.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds))
        retry = Retry(NoBackoff(), 0)
        return cls(Redis.from_url(url, retry=retry, socket_timeout=seconds, socket_connect_timeout=seconds))

    async def get_many(self, tenant: TenantId, addresses: Sequence[str]) -> list[bytes | None]:
        """What is known of these; all None when Redis is away."""
        if not addresses or not self._may_try():
            return [None] * len(addresses)
        try:
            found = await self._client.mget([_key(tenant, address) for address in addresses])
        except (RedisError, OSError) as error:
            self._note_failure(error)
            return [None] * len(addresses)
        self._circuit = self._circuit.succeeded()
        return cast("list[bytes | None]", found)

    async def put_many(self, tenant: TenantId, renderings: Mapping[str, bytes]) -> None:
        """Keeps renderings for a day; forgets them silently when Redis is away."""
        small = {address: value for address, value in renderings.items() if len(value) <= MAX_BYTES}
        if not small or not self._may_try():
            return
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for address, value in small.items():
                    pipe.set(_key(tenant, address), value, ex=LIFETIME_SECONDS)
                await pipe.execute()
        except (RedisError, OSError) as error:
            self._note_failure(error)

    async def is_reachable(self) -> bool:
        """For health: asks whether Redis answers, whatever the circuit says."""
        try:
            return bool(await self._client.ping())
        except (RedisError, OSError):
            return False

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    def _may_try(self) -> bool:
        now = self._clock()
        if not self._circuit.lets_through(now):
            return False
        self._circuit = self._circuit.trying(now)
        return True

    def _note_failure(self, error: Exception) -> None:
        CACHE_FAILURES.inc()
        self._circuit = self._circuit.failed(self._clock())
        log.warning("body_cache_away", error=type(error).__name__, pause=self._circuit.pause)


def _key(tenant: TenantId, address: str) -> str:
    """The braces keep all keys of a tenant in one slot of a Redis cluster, so that one MGET serves."""
    return f"gateway:{{{tenant}}}:body:{address}"
