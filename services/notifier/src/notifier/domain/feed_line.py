"""One feed in this node: messages of all its partitions go in, publications come out in order and are kept."""

from dataclasses import dataclass

from notifier.domain.channels import Feed
from notifier.domain.history import History, Kept
from notifier.domain.ordering import InOrder, Released, Reorder
from notifier.domain.publication import Publication

#: Holes below the newest position that are still waited for when a node starts.
_MAX_HOLES = 10_000
_UNTOLD_HOLES = 1_000


@dataclass(frozen=True)
class Message:
    """A message of the feed; without a publication it only takes its place in the order."""

    epoch: str
    position: int
    at: float
    publication: Publication | None


@dataclass(frozen=True)
class Broken:
    """The feed's line is cut: whoever listens has to subscribe again and learns that it may have missed something."""

    feed: Feed
    reason: str


Outcome = Kept | Broken


class FeedLine:
    """History and order of one feed. First `warm` with the last minutes, then `start`, then `take` and `tick`."""

    def __init__(self, feed: Feed, history: History, reorder: Reorder[Message], *, max_warm_bytes: int) -> None:
        self.feed = feed
        self.history = history
        self.started = False
        self._reorder = reorder
        self._warm: list[Message] = []
        self._warm_bytes = 0
        self._warm_floor = 0
        self._max_warm_bytes = max_warm_bytes

    @property
    def held_back(self) -> int:
        """How many messages wait for a gap."""
        return self._reorder.held_back

    def warm(self, message: Message) -> None:
        """Collects before the start, in any order."""
        self._warm.append(message)
        self._warm_bytes += message.publication.size if message.publication else 0
        if self._warm_bytes > self._max_warm_bytes:
            self._drop_older_half()

    def start(self, since: float, now: float) -> None:
        """Orders what was collected. What the broker took since `since` is complete; some that is older is not.

        Positions and times rise together but for the moment in which a relay publishes, so reading begins a
        minute before `since`, and the lowest position of the complete time is the floor.
        """
        self.started = True
        if not self._warm:
            return
        epoch = max(self._warm, key=lambda message: message.at).epoch
        for other in {message.epoch for message in self._warm} - {epoch}:
            self.history.begin(other, 0)
        ours = {message.position: message for message in self._warm if message.epoch == epoch}
        complete = [message.position for message in ours.values() if message.at >= since]
        floor = max(self._warm_floor, min(complete) - 1 if complete else max(ours))
        self.history.begin(epoch, floor)
        for position in sorted(ours):
            if position > floor:
                self._keep(ours[position])
        top = self.history.top
        missing = [position for position in range(max(floor, top - _MAX_HOLES) + 1, top) if position not in ours]
        self._reorder.start_after(top, missing=missing, now=now)
        self._warm = []
        self.history.expire(now)

    def take(self, message: Message, now: float) -> list[Outcome]:
        """What can be told now that a message has come."""
        outcomes: list[Outcome] = []
        if message.epoch != self.history.epoch:
            if self.history.has_left(message.epoch):
                return []
            if self.history.epoch:
                outcomes.append(Broken(self.feed, "epoch"))
            self._begin(message)
        released = self._reorder.add(message.position, message, now)
        return outcomes + self._tell(released)

    def tick(self, now: float) -> list[Outcome]:
        """What can be told because time has passed."""
        outcomes = self._tell(self._reorder.overdue(now))
        lost = self._reorder.lost_up_to(now)
        if lost is not None:
            self.history.lose(lost)
            outcomes.append(Broken(self.feed, "lost"))
        self.history.expire(now)
        return outcomes

    def _begin(self, message: Message) -> None:
        """Positions just below the first one of an epoch may still be on their way over other partitions."""
        self.history.begin(message.epoch, message.position - 1)
        below = range(max(1, message.position - _UNTOLD_HOLES), message.position)
        self._reorder.start_after(message.position - 1, missing=below)

    def _tell(self, released: list[Released[Message]]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for one in released:
            publication = one.item.publication
            if isinstance(one, InOrder):
                kept = self._keep(one.item)
            else:
                kept = None if publication is None else self.history.add_late(publication, one.item.at)
            if kept is not None:
                outcomes.append(kept)
        return outcomes

    def _keep(self, message: Message) -> Kept | None:
        if message.publication is None:
            self.history.advance(message.position)
            return None
        return self.history.add(message.publication, message.at)

    def _drop_older_half(self) -> None:
        self._warm.sort(key=lambda message: message.position)
        half = len(self._warm) // 2
        self._warm_floor = max(message.position for message in self._warm[:half])
        self._warm = self._warm[half:]
        self._warm_bytes = sum(message.publication.size for message in self._warm if message.publication)
