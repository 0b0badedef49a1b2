"""What the use cases of jira-sync may use."""

import asyncio
from dataclasses import dataclass, field

from common.clock import Clock, utc_now
from common.db.data_keys import TenantSealer
from common.db.database import Database
from common.ids import ConnectionId, new_id
from jira_sync.outbound.jira.opening import JiraOpener
from jira_sync.settings import Settings


class Wakes:
    """Wakes this node's worker of a connection; other nodes find out by looking."""

    def __init__(self) -> None:
        self._deliveries: dict[ConnectionId, asyncio.Event] = {}
        self._cycles: dict[ConnectionId, asyncio.Event] = {}
        #: Set when there may be a connection to take over.
        self.connections = asyncio.Event()

    def deliveries(self, connection: ConnectionId) -> asyncio.Event:
        """Set when webhooks of a connection wait."""
        return self._deliveries.setdefault(connection, asyncio.Event())

    def cycle(self, connection: ConnectionId) -> asyncio.Event:
        """Set when a connection should not wait for its next poll."""
        return self._cycles.setdefault(connection, asyncio.Event())

    def forget(self, connection: ConnectionId) -> None:
        """For connections that this node no longer works for."""
        self._deliveries.pop(connection, None)
        self._cycles.pop(connection, None)


@dataclass(frozen=True)
class App:
    """Built once in main.py."""

    settings: Settings
    db: Database
    sealer: TenantSealer
    opener: JiraOpener
    clock: Clock = utc_now
    node: str = field(default_factory=lambda: new_id().hex)
    wakes: Wakes = field(default_factory=Wakes)
