"""Entries of the audit log in the transaction of what they tell: who, what, on what in, an event in the outbox out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auth.domain.platform import PLATFORM
from common.contracts.audit import AccessAuditRecordedV1, ActorKind, Outcome
from common.db.unit_of_work import Tx
from common.ids import SessionId, TenantId, UserId, public_id
from common.telemetry.context import current


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it: a person, or nobody that is known."""

    kind: ActorKind
    user: UserId | None = None
    session: SessionId | None = None


NOBODY = Doer("nobody")
SYSTEM = Doer("system")


def person(user: UserId, tenant: TenantId, session: SessionId | None = None) -> Doer:
    """Whoever acts in the platform's own place is an operator."""
    return Doer("operator" if tenant == PLATFORM else "user", user, session)


async def audit(
    tx: Tx,
    action: str,
    *,
    by: Doer,
    at: datetime,
    target: tuple[str, str] | None = None,
    outcome: Outcome = "succeeded",
    reason: str | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Address and request id are those of the request that runs here; `target` is a kind and a public id."""
    context = current()
    entry = AccessAuditRecordedV1(
        actor_kind=by.kind,
        actor_id=None if by.user is None else public_id("usr", by.user),
        action=action,
        target_kind=None if target is None else target[0],
        target_id=None if target is None else target[1],
        outcome=outcome,
        reason=reason,
        address=context.address if context else None,
        request_id=context.request_id if context else None,
        session_id=None if by.session is None else public_id("ses", by.session),
        at=at,
        details=dict(details or {}),
    )
    await tx.emit(entry)
