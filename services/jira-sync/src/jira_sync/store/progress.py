"""How far the sync of a connection is: its cursor, and the backfill of each project."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func

from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from common.issues.tables import connections
from jira_sync.store.tables import sync_cursors, sync_streams


@dataclass(frozen=True)
class Cursor:
    """Where incremental sync stands."""

    watermark: datetime | None
    deep_scan_at: datetime | None
    catalogue_at: datetime | None
    webhook_ref: str | None
    sync_wanted: bool
    failures: int


@dataclass(frozen=True)
class Stream:
    """The backfill of one project; `state` is where it goes on, None before its first page."""

    project_id: int
    project_key: str
    state: dict[str, Any] | None
    done: bool


async def get_cursor(tx: Tx, connection: ConnectionId) -> Cursor:
    """The cursor; an empty one before anything was read."""
    found = await tx.execute(tx.select(sync_cursors).where(sync_cursors.c.connection_id == connection))
    row = found.one_or_none()
    if row is None:
        return Cursor(None, None, None, None, sync_wanted=False, failures=0)
    return Cursor(row.watermark, row.deep_scan_at, row.catalogue_at, row.webhook_ref, row.sync_wanted, row.failures)


async def move_cursor(tx: Tx, connection: ConnectionId, **columns: Any) -> None:
    """Overwrites columns of the cursor."""
    await tx.upsert(sync_cursors, [{"connection_id": connection, **columns}], key=("connection_id",))


async def list_streams(tx: Tx, connection: ConnectionId) -> list[Stream]:
    """All projects of the backfill."""
    found = await tx.execute(
        tx.select(sync_streams).where(sync_streams.c.connection_id == connection).order_by(sync_streams.c.project_id)
    )
    return [Stream(row.project_id, row.project_key, row.state, row.done) for row in found]


async def add_streams(tx: Tx, connection: ConnectionId, projects: Sequence[tuple[int, str]], *, at: datetime) -> None:
    """Projects that are to be read; one that is known goes on where it was."""
    rows = [
        {"connection_id": connection, "project_id": number, "project_key": key, "updated_at": at}
        for number, key in projects
    ]
    await tx.upsert(sync_streams, rows, key=("connection_id", "project_id"), update=("project_key",))


async def move_stream(tx: Tx, connection: ConnectionId, project_id: int, *, at: datetime, **columns: Any) -> None:
    """Overwrites columns of one project's backfill."""
    await tx.execute(
        tx.update(sync_streams)
        .where(sync_streams.c.connection_id == connection, sync_streams.c.project_id == project_id)
        .values(updated_at=at, **columns)
    )


async def count_stored(tx: Tx, connection: ConnectionId, project_id: int, number: int, *, at: datetime) -> None:
    """Adds to what a project's backfill has stored."""
    await move_stream(tx, connection, project_id, at=at, stored=sync_streams.c.stored + number)


async def show_progress(tx: Tx, connection: ConnectionId) -> None:
    """Sums the projects up where users see it.

    The connection is locked before the sum is made: two projects that finish at once would each leave the other out.
    """
    mine = connections.c.connection_id == connection
    await tx.execute(tx.select(connections, connections.c.connection_id).where(mine).with_for_update())
    found = await tx.execute(
        tx.select(
            sync_streams,
            func.coalesce(func.sum(sync_streams.c.stored), 0).label("done"),
            func.sum(func.greatest(sync_streams.c.total, sync_streams.c.stored)).label("total"),
        ).where(sync_streams.c.connection_id == connection)
    )
    row = found.mappings().one()
    await tx.execute(tx.update(connections).where(mine).values(progress_done=row["done"], progress_total=row["total"]))
