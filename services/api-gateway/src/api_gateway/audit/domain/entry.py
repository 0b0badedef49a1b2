"""One entry of the audit log: who did what, on what, from where, when, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from common.contracts.audit import AuditRecorded
from common.ids import new_id

SOURCE = "api-gateway"


@dataclass(frozen=True, slots=True)
class Entry:
    """Ids are public ones; there is no body, no secret and no text of Jira in it."""

    at: datetime
    action: str
    entry_id: UUID = field(default_factory=new_id)
    source: str = SOURCE
    actor_kind: str = "nobody"
    actor_id: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    outcome: str = "succeeded"
    reason: str | None = None
    address: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def entry_of(event: AuditRecorded, source: str) -> Entry:
    """The entry that another service sent; its id is the event's, so a second delivery is known."""
    return Entry(**event.model_dump(exclude={"event_id"}), entry_id=event.event_id, source=source)
