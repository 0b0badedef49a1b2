"""The last minutes of one feed by target: publications go in, what a client missed comes out, whole or not at all."""

from collections import deque
from dataclasses import dataclass, field

from notifier.domain.channels import Feed, Target
from notifier.domain.commands import Since
from notifier.domain.lines import Position
from notifier.domain.publication import Publication

#: A client that was served by another node may be this far ahead of ours.
_MAX_LEAD = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A publication under the offset that clients were given with it."""

    offset: int
    at: float
    publication: Publication
    late: bool = False


@dataclass
class _Ring:
    entries: deque[Kept] = field(default_factory=deque)
    floor: int = 0
    doubtful: int = -1


class History:
    """One feed's log with an index by target, bounded by age, by bytes, and by count per target."""

    def __init__(self, feed: Feed, *, keep_seconds: float, cap: int, max_bytes: int) -> None:
        self._feed = feed
        self._keep = keep_seconds
        self._cap = cap
        self._max_bytes = max_bytes
        self._log: deque[Kept] = deque()
        self._rings: dict[Target, _Ring] = {}
        self._bytes = 0
        self._left: set[str] = set()
        self.epoch = ""
        self.top = 0
        self.floor = 0

    @property
    def position(self) -> Position:
        """Where the feed stands; the epoch names the feed too, because positions of two feeds cannot be compared."""
        return Position(f"{self._feed}.{self.epoch}", self.top)

    @property
    def size(self) -> tuple[int, int]:
        """Publications kept, and about how many bytes they cost."""
        return len(self._log), self._bytes

    def has_left(self, epoch: str) -> bool:
        """Whether this is an epoch that the feed has ended."""
        return epoch in self._left

    def begin(self, epoch: str, floor: int) -> None:
        """A new epoch: what was kept is of no use, and nothing up to `floor` is known."""
        if self.epoch:
            self._left.add(self.epoch)
        self._log.clear()
        self._rings.clear()
        self._bytes = 0
        self.epoch, self.floor, self.top = epoch, floor, floor

    def advance(self, position: int) -> None:
        """The feed passed a position that nobody can hear."""
        self.top = max(self.top, position)

    def add(self, publication: Publication, at: float) -> Kept:
        """Keeps the next publication of the feed."""
        self.advance(publication.position)
        return self._keep_one(Kept(publication.position, at, publication))

    def add_late(self, publication: Publication, at: float) -> Kept:
        """Keeps one whose place was given up: under the feed's top, so that no client's offset goes backwards.

        Whether a client that stands exactly at that offset has heard it cannot be told: it is not recovered.
        """
        kept = self._keep_one(Kept(self.top, at, publication, late=True))
        for target in publication.targets:
            if target in self._rings:
                self._rings[target].doubtful = self.top
        return kept

    def lose(self, up_to: int) -> None:
        """Something up to this position will never come: nobody below it is recovered."""
        self.floor = max(self.floor, min(up_to, self.top))

    def recover(self, target: Target, since: Since) -> list[Kept] | None:
        """All that the target heard after a client's offset; None when that cannot be promised."""
        if not self._is_same_line(since.epoch) or since.offset > self.top + _MAX_LEAD:
            return None
        ring = self._rings.get(target)
        if since.offset < max(self.floor, ring.floor if ring else 0):
            return None
        if ring is None:
            return []
        if ring.doubtful == since.offset:
            return None
        return [kept for kept in ring.entries if kept.offset > since.offset]

    def expire(self, now: float) -> None:
        """Forgets what is too old or too much; the floor rises with it."""
        while self._log and (self._log[0].at < now - self._keep or self._bytes > self._max_bytes):
            self._forget(self._log.popleft())

    def _is_same_line(self, epoch: str) -> bool:
        """A client that subscribed before the feed's very first event holds an epoch without a name."""
        if epoch == f"{self._feed}.":
            return not self._left and self.floor == 0
        return bool(self.epoch) and epoch == self.position.epoch

    def _keep_one(self, kept: Kept) -> Kept:
        if not kept.publication.targets:
            return kept
        self._log.append(kept)
        self._bytes += kept.publication.size
        for target in kept.publication.targets:
            ring = self._rings.setdefault(target, _Ring())
            ring.entries.append(kept)
            if len(ring.entries) > self._cap:
                ring.floor = ring.entries.popleft().offset
        self.expire(kept.at)
        return kept

    def _forget(self, kept: Kept) -> None:
        self._bytes -= kept.publication.size
        self.floor = max(self.floor, kept.offset)
        for target in kept.publication.targets:
            ring = self._rings.get(target)
            if ring is None:
                continue
            if ring.entries and ring.entries[0] is kept:
                ring.entries.popleft()
            if not ring.entries:
                del self._rings[target]
