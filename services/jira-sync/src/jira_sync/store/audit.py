"""Audit entries of jira-sync go into the change feed, beside the change that they tell of."""

from collections.abc import Mapping
from datetime import datetime

from common.contracts.audit import SyncAuditRecordedV1
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, public_id
from common.web.audit import audit_entry
from common.web.tokens import Caller


async def record(
    tx: Tx,
    action: str,
    connection: ConnectionId,
    *,
    by: Caller,
    at: datetime,
    target: tuple[str, str] | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """One entry; its target is the connection unless another one is named."""
    place = target or ("connection", public_id("con", connection))
    entry = audit_entry(SyncAuditRecordedV1, action, by=by, at=at, target=place, details=details)
    await tx.emit(entry, connection_id=connection, kind="audit", object_id=connection)
