"""The live connections of a tenant, as reads of the mirror need them: which there are, and how fresh each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from common.db.reading import Reader, compile_read
from common.ids import ConnectionId
from common.issues.scope import of_tenant
from common.issues.tables import connections


@dataclass(frozen=True, slots=True)
class LiveConnection:
    """A connection that was not deleted; `complete_as_of` is None until its first backfill is done."""

    connection_id: ConnectionId
    base_url: str
    complete_as_of: datetime | None
    account_id: str | None


async def list_live_connections(reader: Reader) -> list[LiveConnection]:
    """All of the tenant, oldest first."""
    rows = await reader.fetch(_LIVE, tenant=reader.tenant)
    return [LiveConnection(ConnectionId(row[0]), row[1], row[2], row[3]) for row in rows]


def data_as_of(live: Sequence[LiveConnection]) -> datetime | None:
    """What `X-Data-As-Of` says: the oldest of the moments; None when one of them is not complete yet."""
    times = [connection.complete_as_of for connection in live]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None


_LIVE = compile_read(
    select(
        connections.c.connection_id,
        connections.c.base_url,
        connections.c.complete_as_of,
        connections.c.account_id,
    )
    .where(of_tenant(connections), connections.c.deleted_at.is_(None))
    .order_by(connections.c.created_at, connections.c.connection_id)
)
