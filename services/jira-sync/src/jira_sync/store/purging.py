"""Takes a deleted connection's rows out in small batches, so that nobody waits for a lock."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, tuple_

from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from common.issues.tables import (
    attachments,
    catalogue,
    comments,
    connections,
    grants,
    history,
    issue_keys,
    issue_values,
    issues,
    links,
    project_keys,
    projects,
    users,
    worklogs,
)
from jira_sync.store.tables import (
    connection_secrets,
    gone_issues,
    issue_search,
    raw_issues,
    sync_cursors,
    sync_leases,
    sync_streams,
    webhook_inbox,
)

_IN_ORDER = (
    issue_search,
    links,
    attachments,
    history,
    worklogs,
    comments,
    issue_keys,
    issue_values,
    issues,
    raw_issues,
    gone_issues,
    webhook_inbox,
    catalogue,
    users,
    project_keys,
    projects,
    sync_streams,
    sync_cursors,
    connection_secrets,
    sync_leases,
    grants,
    connections,
)


def tables_to_purge() -> Iterator[Table]:
    """Parts before wholes; the connection's own row last, so that an interrupted purge goes on."""
    yield from _IN_ORDER


async def purge_batch(tx: Tx, table: Table, connection: ConnectionId, *, limit: int) -> int:
    """Deletes up to `limit` rows of a connection; how many went."""
    keys = [column for column in table.primary_key.columns if column.name != "tenant_id"]
    some = tx.select(table, *keys).where(table.c.connection_id == connection).limit(limit)
    return await tx.affected(tx.delete(table).where(tuple_(*keys).in_(some)))


async def get_deleted(tx: Tx, connection: ConnectionId) -> dict[str, Any] | None:
    """The row of a connection that waits to be purged."""
    found = await tx.execute(
        tx.select(connections).where(connections.c.connection_id == connection, connections.c.deleted_at.is_not(None))
    )
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)
