"""Events of connections (topic `sync.events`)."""

from datetime import datetime
from typing import ClassVar

from common.contracts.events import Event
from common.contracts.topics import Topic


class SyncPhaseChangedV1(Event):
    """A connection's mirror entered another phase."""

    topic: ClassVar[Topic] = Topic.SYNC_EVENTS
    type: ClassVar[str] = "sync.phase_changed.v1"

    connection_id: str
    phase: str
    previous: str | None = None
    reason: str | None = None  # a stable code
    complete_as_of: datetime | None = None
    at: datetime

    def subject(self) -> str:
        return self.connection_id


class GrantsChangedV1(Event):
    """Who may see what of a connection changed: what was derived from it is void."""

    topic: ClassVar[Topic] = Topic.SYNC_EVENTS
    type: ClassVar[str] = "sync.grants_changed.v1"

    connection_id: str
    at: datetime

    def subject(self) -> str:
        return self.connection_id
