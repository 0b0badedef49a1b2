"""Entries that the gateway makes itself, until they are written: bounded, and honest about what it had to drop."""

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime

from api_gateway.audit.domain.entry import Entry
from common.ids import TenantId

MOST = 5_000
_REMEMBERED = 20_000
_WINDOW = 60.0
_STRANGERS = 300


class OwnEntries:
    """A queue in memory. When it is full new entries are counted, and the count becomes an entry of its own."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: deque[tuple[TenantId, Entry]] = deque()
        self._lost: Counter[TenantId] = Counter()
        self._seen: OrderedDict[Hashable, float] = OrderedDict()
        self._strangers = 0
        self._strangers_until = 0.0

    def add(self, tenant: TenantId, entry: Entry) -> bool:
        """False when there is no room, so that it is only counted."""
        if len(self._waiting) >= self._most:
            self.lose(tenant)
            return False
        self._waiting.append((tenant, entry))
        return True

    def lose(self, tenant: TenantId) -> None:
        """Counts an entry that is not kept."""
        self._lost[tenant] += 1

    def room_for_a_stranger(self, now: float) -> bool:
        """Whoever proves nothing can come from any number of addresses: so many of them are told in a minute."""
        if now >= self._strangers_until:
            self._strangers, self._strangers_until = 0, now + _WINDOW
        self._strangers += 1
        return self._strangers <= _STRANGERS

    def first_of_minute(self, key: Hashable, now: float) -> bool:
        """Whether `key` was not seen within the last minute: repeated refusals are one entry."""
        until = self._seen.get(key)
        if until is not None and now < until:
            return False
        self._seen[key] = now + _WINDOW
        self._seen.move_to_end(key)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def take(self, most: int, now: datetime) -> list[tuple[TenantId, Entry]]:
        """The oldest entries, with one more for each tenant that lost some; give them back when they cannot be kept."""
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        lost, self._lost = self._lost, Counter()
        return taken + [(tenant, lost_entries(count, now)) for tenant, count in lost.items()]

    def give_back(self, entries: list[tuple[TenantId, Entry]]) -> None:
        """Puts entries back in their place; what no longer fits is counted."""
        for tenant, entry in reversed(entries):
            if entry.action == LOST:
                self._lost[tenant] += int(entry.details["count"])
            elif len(self._waiting) < self._most:
                self._waiting.appendleft((tenant, entry))
            else:
                self._lost[tenant] += 1

    def __len__(self) -> int:
        return len(self._waiting) + len(self._lost)


LOST = "audit.lost"


def lost_entries(count: int, now: datetime) -> Entry:
    """The entry that stands for those that had no room."""
    return Entry(
        now, LOST, actor_kind="system", outcome="failed", reason="audit.overflow", details={"count": str(count)}
    )
