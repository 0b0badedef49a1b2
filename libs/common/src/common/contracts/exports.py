"""Commands and events of exports (topics `export.requests` and `export.events`)."""

from datetime import datetime
from typing import ClassVar, Literal

from common.contracts.events import Event
from common.contracts.topics import Topic


class ExportRequestedV1(Event):
    """An export waits to be rendered."""

    topic: ClassVar[Topic] = Topic.EXPORT_REQUESTS
    type: ClassVar[str] = "export.requested.v1"

    export_id: str

    def subject(self) -> str:
        return self.export_id


class ExportProgressedV1(Event):
    """An export came further."""

    topic: ClassVar[Topic] = Topic.EXPORT_EVENTS
    type: ClassVar[str] = "export.progressed.v1"

    export_id: str
    user_id: str | None = None  # who asked for it: told on the channel `user:` too
    status: str
    done: int
    total: int
    pages: int = 0
    at: datetime

    def subject(self) -> str:
        return self.export_id


class ExportFinishedV1(Event):
    """An export has ended, well or not."""

    topic: ClassVar[Topic] = Topic.EXPORT_EVENTS
    type: ClassVar[str] = "export.finished.v1"

    export_id: str
    user_id: str | None = None
    status: Literal["finished", "finished_with_gaps", "failed", "cancelled", "expired"]
    pages: int = 0
    error_code: str | None = None
    at: datetime

    def subject(self) -> str:
        return self.export_id
