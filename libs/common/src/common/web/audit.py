"""Makes audit entries: what a service did for a caller comes in, an event for its outbox goes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from common.contracts.audit import ActorKind, AuditRecorded, Outcome
from common.ids import public_id
from common.telemetry.context import current
from common.web.tokens import Caller, Operator

Entry = TypeVar("Entry", bound=AuditRecorded)


def audit_entry(
    kind: type[Entry],
    action: str,
    *,
    by: Caller | Operator | None,
    at: datetime,
    target: tuple[str, str] | None = None,
    outcome: Outcome = "succeeded",
    reason: str | None = None,
    details: Mapping[str, str] | None = None,
    system: bool = False,
) -> Entry:
    """One entry; address and request id are those of the request that runs here.

    `by` is None for `system` jobs and for somebody who is not signed in. `target` is (kind, public id).
    """
    context = current()
    acting, actor_id, session = _actor(by, system=system)
    return kind(
        actor_kind=acting,
        actor_id=actor_id,
        action=action,
        target_kind=target[0] if target else None,
        target_id=target[1] if target else None,
        outcome=outcome,
        reason=reason,
        address=context.address if context else None,
        request_id=context.request_id if context else None,
        session_id=session,
        at=at,
        details=dict(details or {}),
    )


def _actor(by: Caller | Operator | None, *, system: bool) -> tuple[ActorKind, str | None, str | None]:
    if by is None:
        return ("system" if system else "nobody"), None, None
    return actor_kind(by), public_id("usr", by.user), public_id("ses", by.session)


def actor_kind(by: Caller | Operator) -> ActorKind:
    """A person who sent an API token is told from one who is signed in; the session then is the token's."""
    if isinstance(by, Operator):
        return "operator"
    return "api_token" if by.api_token is not None else "user"
