"""Requests in, verdicts of Jira's rate limits out: bursts per endpoint on Cloud, one bucket a user on Data Center."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

_BURST = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
_BURST_OF_PATH = (
    ("/issue/{issue}/changelog", 200),
    ("/attachment/content/", 300),
    ("/attachment/thumbnail/", 200),
    ("/search/approximate-count", 150),
    ("/issue/{issue}", 150),
    ("/user", 150),
)
_WRITES = ((20, 2.0), (100, 30.0))  # Writes to one issue: at most so many in so many seconds.
_DC_CAPACITY, _DC_FILL, _DC_INTERVAL = 200, 50, 1


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    headers: dict[str, str]


@dataclass(slots=True)
class RateLimits:
    cloud: bool
    factor: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, ...], _Bucket] = field(default_factory=dict)
    _writes: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def ask(self, account: str, method: str, pattern: str, issue: str | None) -> Verdict:
        if not self.cloud:
            return self._datacenter(account)
        if issue is not None and method != "GET":
            refused = self._too_many_writes(issue)
            if refused is not None:
                return refused
        size = next((n for part, n in _BURST_OF_PATH if method == "GET" and part in pattern), _BURST.get(method, 100))
        limit = max(1, int(size * self.factor))
        left, wait = self._take((account, method, pattern), limit, limit)
        return _cloud_verdict(limit, left, wait, "jira-burst-based")

    def _take(self, name: tuple[str, ...], capacity: float, per_second: float) -> tuple[float, float]:
        now = self.clock()
        bucket = self._buckets.setdefault(name, _Bucket(capacity, now))
        bucket.tokens = min(capacity, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens < 1:
            return 0, (1 - bucket.tokens) / per_second
        bucket.tokens -= 1
        return bucket.tokens, 0

    def _too_many_writes(self, issue: str) -> Verdict | None:
        now = self.clock()
        times = self._writes[issue]
        while times and now - times[0] > _WRITES[-1][1]:
            times.popleft()
        for most, seconds in _WRITES:
            recent = [at for at in times if now - at < seconds]
            if len(recent) >= most:
                return _cloud_verdict(most, 0, seconds - (now - recent[0]), "jira-per-issue-on-write")
        times.append(now)
        return None

    def _datacenter(self, account: str) -> Verdict:
        capacity = max(1, int(_DC_CAPACITY * self.factor))
        fill = max(1, int(_DC_FILL * self.factor))
        left, wait = self._take((account,), capacity, fill / _DC_INTERVAL)
        headers = {
            "X-RateLimit-Limit": str(capacity),
            "X-RateLimit-Remaining": str(int(left)),
            "X-RateLimit-Interval-Seconds": str(_DC_INTERVAL),
            "X-RateLimit-FillRate": str(fill),
            "Retry-After": str(math.ceil(wait)),
        }
        return Verdict(wait == 0, headers)


def _cloud_verdict(limit: int, left: float, wait: float, reason: str) -> Verdict:
    reset = datetime.fromtimestamp(time.time() + wait, UTC)
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(int(left)),
        "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}",
        "RateLimit-Policy": f'"{reason}";q={limit};w=1',
        "RateLimit": f'"{reason}";r={int(left)};t={math.ceil(wait) or 1}',
    }
    if left < limit * 0.2:
        headers["X-RateLimit-NearLimit"] = "true"
    if wait > 0:
        headers |= {"Retry-After": str(max(1, math.ceil(wait))), "RateLimit-Reason": reason}
    return Verdict(wait == 0, headers)
