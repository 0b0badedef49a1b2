"""Counts wrong tries per account and address, and per address: in Redis, and in this process while Redis is away."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisClusterStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from auth.domain.errors import TooManyTries
from auth.settings import SignInSettings
from common.settings import RedisSettings

T = TypeVar("T")
log = structlog.get_logger(__name__)

_AWAY = (RedisError, OSError, TimeoutError)
_ASK_REDIS_AGAIN_AFTER = 10.0


class Throttle:
    """Nobody is locked out by others: the count of an account is kept per address, and ends with its window."""

    def __init__(self, redis: RedisSettings, settings: SignInSettings) -> None:
        seconds = int(settings.window.total_seconds())
        self._per_account = RateLimitItemPerSecond(settings.tries_per_account, seconds, namespace="auth.account")
        self._per_address = RateLimitItemPerSecond(settings.tries_per_address, seconds, namespace="auth.address")
        self._storage = _redis_storage(redis)
        self._shared = MovingWindowRateLimiter(self._storage)
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._redis_away_until = 0.0

    async def take(self, email: str, address: str) -> None:
        """Counts a try before it is made, so that many at once are counted too; raises `TooManyTries`."""
        if not await self._ask(lambda limiter: limiter.test(self._per_address, address)):
            raise await self._too_many(self._per_address, address)
        if not await self._ask(lambda limiter: limiter.hit(self._per_account, _pair(email, address))):
            raise await self._too_many(self._per_account, _pair(email, address))

    async def failed(self, address: str) -> None:
        await self._ask(lambda limiter: limiter.hit(self._per_address, address))

    async def succeeded(self, email: str, address: str) -> None:
        """A right password forgives the wrong ones of this person at this address."""
        await self._ask(lambda limiter: limiter.clear(self._per_account, _pair(email, address)))

    async def is_reachable(self) -> bool:
        return bool(await self._storage.check())

    async def close(self) -> None:
        await cast("Any", self._storage.bridge).storage.aclose()

    async def _too_many(self, item: RateLimitItem, key: str) -> TooManyTries:
        stats = await self._ask(lambda limiter: limiter.get_window_stats(item, key))
        return TooManyTries(retry_after=timedelta(seconds=max(1, round(stats.reset_time - time.time()))))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        if time.monotonic() >= self._redis_away_until:
            try:
                return await question(self._shared)
            except _AWAY as error:
                self._redis_away_until = time.monotonic() + _ASK_REDIS_AGAIN_AFTER
                log.warning("throttle_counts_locally", reason=type(error).__name__)
        return await question(self._local)


def _pair(email: str, address: str) -> str:
    """Names of keys are not secret, so the address of a person is not written into them."""
    return hashlib.sha256(f"{email}\x00{address}".encode()).hexdigest()[:32]


def _redis_storage(redis: RedisSettings) -> RedisStorage:
    url = redis.url.get_secret_value()
    timeout = redis.timeout.total_seconds()
    if redis.cluster:
        cluster = "async+" + url.replace("redis://", "redis+cluster://", 1)
        return RedisClusterStorage(cluster, implementation="redispy", socket_timeout=timeout)
    return RedisStorage(
        f"async+{url}", implementation="redispy", socket_timeout=timeout, socket_connect_timeout=timeout
    )
