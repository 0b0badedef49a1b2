"""Counts wrong tries per account and address, per address and per account: in Redis, or here while Redis is away."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_address, ip_network
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
_HOUR = 3600
#: How long tries from many addresses count together: the longest that a stranger can keep somebody out.
_ANYWHERE = 900
#: How long an address counts as the person's own after the last right password from it.
_KNOWN = 30 * 24 * _HOUR


class Throttle:
    """Nobody is locked out by others: the count of an account is kept per address, and ends with its window.

    Many addresses that try one account share a second count; a person's own addresses are asked nothing by it.
    """

    def __init__(self, redis: RedisSettings, settings: SignInSettings) -> None:
        seconds = int(settings.window.total_seconds())
        self._per_account = RateLimitItemPerSecond(settings.tries_per_account, seconds, namespace="auth.account")
        self._per_address = RateLimitItemPerSecond(settings.tries_per_address, seconds, namespace="auth.address")
        self._anywhere = RateLimitItemPerSecond(settings.tries_anywhere, _ANYWHERE, namespace="auth.anywhere")
        self._known = RateLimitItemPerSecond(1, _KNOWN, namespace="auth.known")
        self._mails = RateLimitItemPerSecond(settings.mails_per_person, _HOUR, namespace="auth.mails")
        self._resets = RateLimitItemPerSecond(settings.mails_per_address, _HOUR, namespace="auth.resets")
        self._storage = _redis_storage(redis)
        self._shared = MovingWindowRateLimiter(self._storage)
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._redis_away_until = 0.0

    async def take(self, email: str, address: str) -> None:
        """Counts a try before it is made, so that many at once are counted too; raises `TooManyTries`."""
        if not await self._ask(lambda limiter: limiter.test(self._per_address, _network(address))):
            raise await self._too_many(self._per_address, _network(address))
        if not await self._ask(lambda limiter: limiter.hit(self._per_account, _pair(email, address))):
            raise await self._too_many(self._per_account, _pair(email, address))
        if await self._ask(lambda limiter: limiter.test(self._anywhere, _one(email))):
            return
        # What is full here once is an address from which the right password came.
        if await self._ask(lambda limiter: limiter.test(self._known, _pair(email, address))):
            raise await self._too_many(self._anywhere, _one(email))

    async def check_address(self, address: str) -> None:
        """Raises `TooManyTries` while an address that guessed too often has to wait."""
        if not await self._ask(lambda limiter: limiter.test(self._per_address, _network(address))):
            raise await self._too_many(self._per_address, _network(address))

    async def failed_guess(self, address: str) -> None:
        """A wrong secret that names no account."""
        await self._ask(lambda limiter: limiter.hit(self._per_address, _network(address)))

    async def failed(self, email: str, address: str) -> None:
        await self._ask(lambda limiter: limiter.hit(self._per_address, _network(address)))
        await self._ask(lambda limiter: limiter.hit(self._anywhere, _one(email)))

    async def succeeded(self, email: str, address: str) -> None:
        """A right password forgives the wrong ones of this person at this address."""
        await self._ask(lambda limiter: limiter.clear(self._per_account, _pair(email, address)))
        await self._ask(lambda limiter: limiter.clear(self._known, _pair(email, address)))
        await self._ask(lambda limiter: limiter.hit(self._known, _pair(email, address)))

    async def forgive(self, email: str) -> None:
        """A new password ends an attack on the old one."""
        await self._ask(lambda limiter: limiter.clear(self._anywhere, _one(email)))

    async def spare_mail(self, email: str) -> timedelta | None:
        """Counts a mail to a person; None when it may go, otherwise how long there were enough."""
        return await self._spare(self._mails, _one(email))

    async def spare_resets(self, address: str) -> timedelta | None:
        """Counts what one address asks for; None when it may."""
        return await self._spare(self._resets, _network(address))

    async def is_reachable(self) -> bool:
        return bool(await self._storage.check())

    async def close(self) -> None:
        await cast("Any", self._storage.bridge).storage.aclose()

    async def _spare(self, item: RateLimitItem, key: str) -> timedelta | None:
        return None if await self._ask(lambda limiter: limiter.hit(item, key)) else await self._wait(item, key)

    async def _too_many(self, item: RateLimitItem, key: str) -> TooManyTries:
        return TooManyTries(retry_after=await self._wait(item, key))

    async def _wait(self, item: RateLimitItem, key: str) -> timedelta:
        stats = await self._ask(lambda limiter: limiter.get_window_stats(item, key))
        return timedelta(seconds=max(1, round(stats.reset_time - time.time())))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        if time.monotonic() >= self._redis_away_until:
            try:
                return await question(self._shared)
            except _AWAY as error:
                self._redis_away_until = time.monotonic() + _ASK_REDIS_AGAIN_AFTER
                log.warning("throttle_counts_locally", reason=type(error).__name__)
        return await question(self._local)


def _network(address: str) -> str:
    """A household has 2^64 addresses of IPv6: they count as one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def _one(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _pair(email: str, address: str) -> str:
    """Names of keys are not secret, so the address of a person is not written into them."""
    return hashlib.sha256(f"{email}\x00{_network(address)}".encode()).hexdigest()[:32]


def _redis_storage(redis: RedisSettings) -> RedisStorage:
    url = redis.url.get_secret_value()
    timeout = redis.timeout.total_seconds()
    if redis.cluster:
        cluster = "async+" + url.replace("redis://", "redis+cluster://", 1)
        return RedisClusterStorage(cluster, implementation="redispy", socket_timeout=timeout)
    return RedisStorage(
        f"async+{url}", implementation="redispy", socket_timeout=timeout, socket_connect_timeout=timeout
    )
