"""Who listens to what: subscriptions by target; a publication becomes lines for those who may hear it."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from notifier.domain import lines
from notifier.domain.channels import Feed, Target
from notifier.domain.history import Kept
from notifier.domain.lines import Line
from notifier.domain.publication import Viewer


class Listener(Protocol):
    """A connected client as its audience sees it."""

    @property
    def viewer(self) -> Viewer | None:
        """Whose connection it is."""

    def offer(self, line: Line) -> None:
        """Takes a line at once; must not block and must not raise."""

    def dropped(self, channel: str) -> None:
        """The client is no longer in a channel that it was in."""


class Subscription(NamedTuple):
    """One client in one channel, under the name that it used; `after` is what it has heard already."""

    listener: Listener
    channel: str
    after: int


class Audience:
    """All subscriptions of this node."""

    def __init__(self) -> None:
        self._by_target: dict[Target, dict[tuple[int, str], Subscription]] = {}

    def join(self, target: Target, listener: Listener, channel: str, after: int) -> None:
        """Adds a client to a channel."""
        subscription = Subscription(listener, channel, after)
        self._by_target.setdefault(target, {})[(id(listener), channel)] = subscription

    def leave(self, target: Target, listener: Listener, channel: str) -> None:
        """Takes a client out of a channel; one that is not in it changes nothing."""
        subscriptions = self._by_target.get(target)
        if subscriptions is not None:
            subscriptions.pop((id(listener), channel), None)
            if not subscriptions:
                del self._by_target[target]

    def of_feed(self, feed: Feed) -> Iterator[tuple[Target, Subscription]]:
        """Every subscription whose positions belong to a feed."""
        for target, subscriptions in list(self._by_target.items()):
            if target.feed is feed:
                for subscription in list(subscriptions.values()):
                    yield target, subscription

    def tell(self, kept: Kept) -> int:
        """Hands a publication to everybody who may hear it; a line is made once per channel name. Says to how many."""
        told = 0
        for target in kept.publication.targets:
            made: dict[tuple[str, str], Line] = {}
            for subscription in list(self._by_target.get(target, {}).values()):
                viewer = subscription.listener.viewer
                known = kept.offset <= subscription.after and not kept.late
                data = None if known or viewer is None else viewer.hears(kept.publication)
                if data is None:
                    continue
                line = made.get((subscription.channel, data))
                if line is None:
                    line = lines.pushed(subscription.channel, kept.offset, data)
                    made[subscription.channel, data] = line
                subscription.listener.offer(line)
                told += 1
        return told
