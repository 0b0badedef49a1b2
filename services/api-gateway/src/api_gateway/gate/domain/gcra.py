"""GCRA, the leaky bucket as one number: how late a caller would be comes in, whether he may come now goes out.

Times are whole microseconds, so that Redis and this process count alike. The number that is kept for a caller is the
moment at which his bucket is empty again; `backlog` is how far that lies ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units a minute for ever, and `burst` of them at once after a rest."""

    name: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        """Microseconds that one unit takes to drain."""
        return max(1, _MINUTE // self.per_minute)

    @property
    def span(self) -> int:
        """Microseconds that a full bucket takes to drain."""
        return self.interval * self.burst

    def share(self, nodes: int) -> "Limit":
        """What one of so many nodes may let through when they cannot count together."""
        return Limit(self.name, max(1, self.per_minute // nodes), max(1, self.burst // nodes))


@dataclass(frozen=True, slots=True)
class Charge:
    """Whom a request is counted against, and how much he may ask."""

    limit: Limit
    key: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of one limit."""

    limit: Limit
    remaining: int
    reset: int  # seconds until all of the burst is there again


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every limit as it stands now; `refused_by` has none left, and has some in `retry_after` seconds."""

    standings: tuple[Standing, ...]
    refused_by: Limit | None = None
    retry_after: int = 0

    @property
    def tightest(self) -> Standing | None:
        """The limit that will refuse first."""
        return min(self.standings, key=lambda each: each.remaining / each.limit.burst, default=None)


def backlog_after(backlog: int, limit: Limit, cost: int) -> int:
    """The backlog if a request of this cost were let through; one that is dearer than the burst takes all of it."""
    return min(max(backlog, 0), limit.span) + limit.interval * min(cost, limit.burst)


def lateness(after: int, limit: Limit) -> int:
    """How many microseconds too early a request comes that would leave this backlog; it may come at 0 and below."""
    return after - limit.span


def verdict(limits: Sequence[Limit], backlogs: Sequence[int], refused: int | None, late: int) -> Verdict:
    """Backlogs as they are kept now and the index of the limit that refused, as headers can say it."""
    standings = tuple(
        Standing(limit, max(0, (limit.span - backlog) // limit.interval), _seconds(backlog))
        for limit, backlog in zip(limits, backlogs, strict=True)
    )
    if refused is None:
        return Verdict(standings)
    return Verdict(standings, limits[refused], max(1, _seconds(late)))


def _seconds(microseconds: int) -> int:
    return -(-max(0, microseconds) // 1_000_000)


class LocalBuckets:
    """The same rule in the memory of one process, for when Redis is away; the oldest are forgotten first."""

    def __init__(self, most: int = 50_000) -> None:
        self._empty_at: dict[str, int] = {}
        self._most = most

    def charge(self, charges: Sequence[Charge], cost: int, now: int) -> Verdict:
        """Counts a request against all limits, or against none when one of them refuses."""
        limits = [charge.limit for charge in charges]
        backlogs = [max(0, min(self._empty_at.get(charge.key, 0) - now, charge.limit.span)) for charge in charges]
        afters = [backlog_after(backlog, limit, cost) for backlog, limit in zip(backlogs, limits, strict=True)]
        late = [lateness(after, limit) for after, limit in zip(afters, limits, strict=True)]
        worst = max(range(len(late)), key=late.__getitem__, default=None)
        if worst is not None and late[worst] > 0:
            return verdict(limits, backlogs, worst, late[worst])
        for charge, after in zip(charges, afters, strict=True):
            self._empty_at.pop(charge.key, None)
            self._empty_at[charge.key] = now + after
        while len(self._empty_at) > self._most:
            del self._empty_at[next(iter(self._empty_at))]
        return verdict(limits, afters, None, 0)
