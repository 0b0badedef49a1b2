"""Entries of the audit log on their way to the gateway: each producer sends them on the topic of its own facts.

The gateway keeps them (docs/adr/0011); they name things by id and hold no body, no secret and no text of Jira.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from common.contracts.events import Event
from common.contracts.topics import Topic

ActorKind = Literal["user", "operator", "api_token", "system", "nobody"]
Outcome = Literal["succeeded", "denied", "failed"]

#: Every action there is, and what it means to a reader of the log.
ACTIONS = {
    "session.started": "Somebody signed in",
    "session.refused": "A sign-in was refused",
    "session.ended": "A session ended",
    "session.refresh_reused": "A refresh token was used a second time, so its family was revoked",
    "session.switched": "A session moved to another tenant",
    "token.created": "An API token was made",
    "token.approved": "An owner let an API token last without an end",
    "token.rotated": "An API token got a successor",
    "token.revoked": "An API token was revoked",
    "member.invited": "A person was invited",
    "member.invitation_revoked": "An invitation was taken back",
    "member.joined": "A person became a member",
    "member.role_changed": "A member got another role",
    "member.deactivated": "A member was deactivated",
    "member.activated": "A member was activated again",
    "member.removed": "A member was removed",
    "ownership.transferred": "The tenant got another owner",
    "password.changed": "A password was changed",
    "password.reset_asked": "A password reset was asked for",
    "password.reset": "A password was reset by mail",
    "provider.created": "An identity provider was added",
    "provider.changed": "An identity provider was changed",
    "provider.deleted": "An identity provider was removed",
    "tenant.created": "A tenant was made",
    "tenant.changed": "A tenant was renamed, suspended or resumed",
    "tenant.settings_changed": "Settings of the tenant were changed",
    "tenant.deletion_asked": "The deletion of a tenant was asked for",
    "tenant.deleted": "A tenant and all that was its own is gone",
    "key.rotated": "A signing key took over",
    "across_tenants.opened": "A background job looked across tenants",
    "connection.created": "A Jira was connected",
    "connection.changed": "A connection was changed",
    "connection.deleted": "A connection and its mirror were deleted",
    "grant.added": "Access to a project, level or class was granted",
    "grant.removed": "Access to a project, level or class was withdrawn",
    "export.created": "An export was asked for",
    "export.cancelled": "An export was cancelled",
    "export.downloaded": "The file of an export or of an issue was fetched",
    "attachment.downloaded": "An attachment was fetched",
    "audit.read": "The audit log was read",
    "audit.exported": "The audit log was exported",
    "audit.lost": "Entries were lost because too many came at once; details say how many",
    "access.denied": "A request was refused for want of rights",
}


def _known(action: str) -> str:
    if action not in ACTIONS:
        raise ValueError(f"unknown action {action}")
    return action


class AuditRecorded(Event):
    """Who did what, on what, from where, when, and how it ended; ids are public ids."""

    actor_kind: ActorKind
    actor_id: str | None = None
    action: Annotated[str, AfterValidator(_known)]
    target_kind: str | None = Field(None, max_length=32)
    target_id: str | None = Field(None, max_length=200)
    outcome: Outcome = "succeeded"
    reason: str | None = Field(None, max_length=64)  # a stable code
    address: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    at: datetime
    details: dict[str, str] = Field(default_factory=dict, max_length=20)  # short values: roles, names of settings

    def subject(self) -> str:
        return self.target_id or self.actor_id or "none"


class AccessAuditRecordedV1(AuditRecorded):
    """An entry of auth."""

    topic: ClassVar[Topic] = Topic.ACCESS_EVENTS
    type: ClassVar[str] = "access.audit_recorded.v1"


class SyncAuditRecordedV1(AuditRecorded):
    """An entry of jira-sync."""

    topic: ClassVar[Topic] = Topic.SYNC_EVENTS
    type: ClassVar[str] = "sync.audit_recorded.v1"


class ExportAuditRecordedV1(AuditRecorded):
    """An entry of export-worker."""

    topic: ClassVar[Topic] = Topic.EXPORT_EVENTS
    type: ClassVar[str] = "export.audit_recorded.v1"
