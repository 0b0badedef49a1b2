"""Counts in Redis, so that all nodes count together: one script call for all limits of a request."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from api_gateway.domain.circuit import Circuit
from api_gateway.gate.domain.gcra import Charge, Verdict, verdict
from common.settings import RedisSettings

log = structlog.get_logger(__name__)

#: The same arithmetic as `LocalBuckets`; a test lets both judge the same requests. Redis' own clock counts.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost = tonumber(ARGV[1])
local kept = redis.call('MGET', unpack(KEYS))
local refused, late, before, after = 0, 0, {}, {}
for i = 1, #KEYS do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local span = interval * burst
  before[i] = math.min(math.max((tonumber(kept[i] or 0) or 0) - now, 0), span)
  after[i] = before[i] + interval * math.min(cost, burst)
  if after[i] - span > late then refused, late = i, after[i] - span end
end
if refused > 0 then return {refused, late, unpack(before)} end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', now + after[i]), 'PX', math.ceil(after[i] / 1000))
end
return {0, 0, unpack(after)}
"""
_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class RedisLimits:
    """Asks Redis within a budget of time; after a failure it does not even ask for a while."""

    def __init__(
        self, client: "Redis | RedisCluster", budget: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._client: Any = client
        self._budget = budget
        self._now = now
        self._circuit = Circuit()

    @classmethod
    def connect(cls, settings: RedisSettings, budget: float) -> "RedisLimits":
        """A client that connects when it is first asked; it may take longer to connect than a request waits for it."""
        url, patience = settings.url.get_secret_value(), settings.timeout.total_seconds()
        if settings.cluster:
            return cls(RedisCluster.from_url(url, socket_timeout=patience, socket_connect_timeout=patience), budget)
        retry = Retry(NoBackoff(), 0)
        client = Redis.from_url(url, retry=retry, socket_timeout=patience, socket_connect_timeout=patience)
        return cls(client, budget)

    async def charge(self, charges: Sequence[Charge], cost: int) -> Verdict | None:
        """Counts against all limits or, when one refuses, against none; None when Redis does not answer in time."""
        now = self._now()
        if not self._circuit.lets_through(now):
            return None
        trying = self._circuit = self._circuit.trying(now)
        arguments: list[Any] = [charge.key for charge in charges]
        arguments.append(cost)
        for charge in charges:
            arguments += (charge.limit.interval, charge.limit.burst)
        try:
            async with asyncio.timeout(self._budget):
                refused, late, *backlogs = await self._evaluate(len(charges), arguments)
        except (RedisError, OSError) as error:
            self._note_failure(trying, error)
            return None
        self._circuit = self._circuit.succeeded()
        return verdict([charge.limit for charge in charges], backlogs, refused - 1 if refused else None, late)

    def _note_failure(self, tried: Circuit, error: Exception) -> None:
        """Of the many that were under way together, one failure is enough to know."""
        if self._circuit is tried:
            self._circuit = tried.failed(self._now())
            log.warning("limits_counted_locally", error=type(error).__name__, pause=self._circuit.pause)

    async def _evaluate(self, keys: int, arguments: list[Any]) -> list[int]:
        try:
            found: list[int] = await self._client.evalsha(_SHA, keys, *arguments)
        except NoScriptError:
            found = await self._client.eval(SCRIPT, keys, *arguments)
        return found

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
