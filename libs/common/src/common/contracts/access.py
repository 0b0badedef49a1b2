"""Events of sessions and memberships (topic `access.events`)."""

from datetime import datetime
from typing import ClassVar, Literal

from common.contracts.events import Event
from common.contracts.topics import Topic
from common.ids import TenantId, public_id


class AccessEvent(Event):
    """Events of a tenant's access stay in one order."""

    topic: ClassVar[Topic] = Topic.ACCESS_EVENTS

    user_id: str
    at: datetime

    def partition_key(self, tenant: TenantId) -> str:
        return public_id("ten", tenant)

    def subject(self) -> str:
        return self.user_id


class SessionEndedV1(AccessEvent):
    """A session ended: its access tokens and sockets stop at once."""

    type: ClassVar[str] = "access.session_ended.v1"

    session_id: str
    reason: Literal[
        "logout",
        "ended",
        "refresh_reused",
        "deactivated",
        "removed",
        "expired",
        "switched",
        "password_changed",
        "token_revoked",
        "tenant_suspended",
        "tenant_deleted",
    ]


class MembershipChangedV1(AccessEvent):
    """What a member may do changed: cached access of him is void."""

    type: ClassVar[str] = "access.membership_changed.v1"

    role: str | None  # null = no longer a member
