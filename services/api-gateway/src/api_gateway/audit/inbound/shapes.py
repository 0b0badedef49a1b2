"""The shapes of the audit log's answers, for the API description only."""

from typing import Literal

from pydantic import BaseModel

from api_gateway.inbound.shapes import Count


class AuditActor(BaseModel):
    """Who acted; `id` is null for the system and for somebody who was not signed in."""

    kind: Literal["user", "operator", "api_token", "system", "nobody"]
    id: str | None


class AuditTarget(BaseModel):
    """What was acted upon."""

    kind: str
    id: str | None


class AuditEntry(BaseModel):
    """One line of the log."""

    id: str
    at: str
    actor: AuditActor
    action: str
    target: AuditTarget | None
    outcome: Literal["succeeded", "denied", "failed"]
    reason: str | None
    address: str | None
    request_id: str | None
    session_id: str | None
    source: str
    details: dict[str, str]


class AuditLog(BaseModel):
    items: list[AuditEntry]
    next_cursor: str | None
    count: Count | None = None
