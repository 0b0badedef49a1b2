"""What a use case of the notifier may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from common.db.database import Database
from common.db.origins import KnownOrigins
from common.messaging.broadcast import Broadcast
from common.web.ended_sessions import EndedSessionList
from notifier.domain.audience import Audience
from notifier.domain.channels import Feed
from notifier.domain.client import Client
from notifier.domain.connections import Connections
from notifier.domain.feed_line import FeedLine
from notifier.domain.grant_changes import GrantChanges
from notifier.domain.memberships import ChangedMemberships
from notifier.domain.owners import KnownOwners
from notifier.domain.pace import Pace
from notifier.domain.session import Alarm, Rules
from notifier.domain.wheel import Wheel
from notifier.settings import Settings


@dataclass(frozen=True)
class App:
    """One node: its parts and its state in memory."""

    settings: Settings
    db: Database
    broadcast: Broadcast
    origins: KnownOrigins
    clock: Callable[[], float]
    rules: Rules
    audience: Audience
    connections: Connections
    lines: Mapping[Feed, FeedLine]
    ended: EndedSessionList
    memberships: ChangedMemberships
    grants: GrantChanges
    owners: KnownOwners
    wheel: Wheel[tuple[Client, Alarm]]
    pace: Pace

    @property
    def is_warm(self) -> bool:
        """Whether the last minutes of every feed are known, so that clients can be recovered."""
        return all(line.started for line in self.lines.values())
