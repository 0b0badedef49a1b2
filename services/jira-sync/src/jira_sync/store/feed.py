"""Facts come in and stand in the change feed, in the transaction that stored what they tell of."""

from collections.abc import Sequence
from datetime import datetime

from common.contracts.sync import SyncPhaseChangedV1
from common.db.feed import outbox_row
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, public_id
from jira_sync.domain.facts import Fact
from jira_sync.store.tables import changes


async def add_facts(tx: Tx, connection: ConnectionId, facts: Sequence[Fact]) -> None:
    """Appends facts in their order, in one round trip."""
    rows = [
        {
            **outbox_row(fact.event, tx.tenant),
            "connection_id": connection,
            "kind": fact.kind,
            "object_id": fact.object_id,
            "issue_id": fact.issue_id,
            "project_id": fact.project_id,
            "deleted": fact.deleted,
        }
        for fact in facts
    ]
    await tx.insert_all(changes, rows)
    tx.emitted += len(rows)


async def add_phase_change(
    tx: Tx,
    connection: ConnectionId,
    *,
    phase: str,
    previous: str | None,
    reason: str | None,
    complete_as_of: datetime | None,
    at: datetime,
) -> None:
    """Tells that a connection entered another phase."""
    event = SyncPhaseChangedV1(
        connection_id=public_id("con", connection),
        phase=phase,
        previous=previous,
        reason=reason,
        complete_as_of=complete_as_of,
        at=at,
    )
    await tx.emit(event, connection_id=connection, kind="connection", object_id=connection)
