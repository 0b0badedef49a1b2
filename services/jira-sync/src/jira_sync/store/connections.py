"""Rows of jira.connections: made, found, changed, with every change of phase told in the feed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from common.db.database import Database
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, TenantId, public_id
from common.issues.tables import connections
from jira_sync.domain.connection import WORKED, Connection, ConnectionExists, ConnectionNotFound
from jira_sync.store.across_tenants import FINDER
from jira_sync.store.feed import add_phase_change


async def add_connection(tx: Tx, row: Mapping[str, Any]) -> Connection:
    """A new connection; raises `ConnectionExists` naming the first one with this address and account."""
    statement = (
        postgresql.insert(connections)
        .values(tenant_id=tx.tenant, **row)
        .on_conflict_do_nothing()
        .returning(*connections.columns)
    )
    made = (await tx.execute(statement)).mappings().one_or_none()
    if made is None:
        known = await find_same(tx, row["base_url"], row["account"])
        raise ConnectionExists(detail=f"It is {known}.", extra={"connection_id": known})
    await add_phase_change(
        tx,
        made["connection_id"],
        phase=made["phase"],
        previous=None,
        reason=None,
        complete_as_of=None,
        at=row["created_at"],
    )
    return _connection(dict(made))


async def find_connection(tx: Tx, connection: ConnectionId) -> Connection | None:
    """A connection that was not deleted."""
    found = await tx.execute(
        tx.select(connections).where(connections.c.connection_id == connection, connections.c.deleted_at.is_(None))
    )
    row = found.mappings().one_or_none()
    return None if row is None else _connection(dict(row))


async def get_connection(tx: Tx, connection: ConnectionId) -> Connection:
    """The same; raises `ConnectionNotFound`."""
    found = await find_connection(tx, connection)
    if found is None:
        raise ConnectionNotFound
    return found


async def change_connection(tx: Tx, connection: ConnectionId, **columns: Any) -> None:
    """Overwrites columns; phases are changed by `enter_phase`."""
    await tx.execute(tx.update(connections).where(connections.c.connection_id == connection).values(**columns))


async def note_delivery(tx: Tx, connection: ConnectionId, *, at: datetime) -> None:
    """When Jira last delivered, to the second: a burst must not queue for one row."""
    last = connections.c.webhook_last_received_at
    await tx.execute(
        tx.update(connections)
        .where(connections.c.connection_id == connection, last.is_(None) | (last < at - timedelta(seconds=1)))
        .values(webhook_last_received_at=at)
    )


async def enter_phase(
    tx: Tx, connection: ConnectionId, phase: str, *, at: datetime, error: Mapping[str, Any] | None = None
) -> bool:
    """Enters a phase and tells of it; False when it was in it already (the error is kept all the same)."""
    found = await tx.execute(
        tx.select(connections, connections.c.phase, connections.c.complete_as_of)
        .where(connections.c.connection_id == connection, connections.c.deleted_at.is_(None))
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        return False
    columns: dict[str, Any] = {"phase": phase}
    if error is not None:
        columns["last_error"] = dict(error)
    elif phase == "live":
        columns["last_error"] = None
    await change_connection(tx, connection, **columns)
    if row.phase == phase:
        return False
    await add_phase_change(
        tx,
        connection,
        phase=phase,
        previous=row.phase,
        reason=str(error["code"]) if error else None,
        complete_as_of=row.complete_as_of,
        at=at,
    )
    return True


async def delete_all_connections(tx: Tx, *, at: datetime) -> list[ConnectionId]:
    """Out of sight at once, every one of the tenant; those whose rows are not purged yet."""
    live = connections.c.deleted_at.is_(None)
    await tx.execute(tx.update(connections).where(live).values(deleted_at=at, phase="paused", updated_at=at))
    found = await tx.execute(tx.select(connections, connections.c.connection_id))
    return [ConnectionId(row.connection_id) for row in found]


async def find_tenant_of(db: Database, connection: ConnectionId) -> TenantId | None:
    """Whose connection a webhook names; deleted ones are nobody's."""
    async with db.uow_for_all_tenants("a webhook names only its connection", role=FINDER) as tx:
        found = await tx.execute(
            select(connections.c.tenant_id).where(
                connections.c.connection_id == connection, connections.c.deleted_at.is_(None)
            )
        )
        tenant = found.scalar_one_or_none()
    return None if tenant is None else TenantId(tenant)


async def list_worked(db: Database) -> list[tuple[TenantId, ConnectionId]]:
    """Every connection that some node should work for, also the deleted ones that are still to be purged."""
    async with db.uow_for_all_tenants("nodes share the connections", role=FINDER) as tx:
        found = await tx.execute(
            select(connections.c.tenant_id, connections.c.connection_id).where(
                connections.c.phase.in_(WORKED) | connections.c.deleted_at.is_not(None)
            )
        )
        return [(TenantId(row.tenant_id), ConnectionId(row.connection_id)) for row in found]


async def list_tenants(db: Database) -> list[TenantId]:
    """Every tenant that has connections, deleted ones too."""
    async with db.uow_for_all_tenants("bootstrap seals secrets under their tenants' keys", role=FINDER) as tx:
        found = await tx.execute(select(connections.c.tenant_id).distinct())
        return [TenantId(row.tenant_id) for row in found]


async def is_there(tx: Tx, connection: ConnectionId) -> bool:
    """Whether a connection exists and is not deleted."""
    found = await tx.execute(
        tx.select(connections, connections.c.connection_id).where(
            connections.c.connection_id == connection, connections.c.deleted_at.is_(None)
        )
    )
    return found.one_or_none() is not None


async def is_deleted(tx: Tx, connection: ConnectionId) -> bool:
    """Whether a connection waits to be purged."""
    found = await tx.execute(
        tx.select(connections, connections.c.deleted_at).where(connections.c.connection_id == connection)
    )
    row = found.one_or_none()
    return row is not None and row.deleted_at is not None


def _connection(row: Mapping[str, Any]) -> Connection:
    scope = row["scope_projects"]
    return Connection(
        tenant=TenantId(row["tenant_id"]),
        id=ConnectionId(row["connection_id"]),
        name=row["name"],
        base_url=row["base_url"],
        deployment=row["deployment"],
        identity=row["site"],
        auth_method=row["auth_method"],
        account=row["account"],
        account_id=row["account_id"],
        scope_projects=None if scope is None else tuple(scope),
        phase=row["phase"],
        complete_as_of=row["complete_as_of"],
        webhook_url=row["webhook_url"],
        webhook_registered=row["webhook_registered"],
        row=dict(row),
    )


async def find_same(tx: Tx, base_url: str, account: str) -> str | None:
    """The public id of the connection with this address and account."""
    found = await tx.execute(
        tx.select(connections, connections.c.connection_id).where(
            connections.c.base_url == base_url,
            connections.c.account == account,
            connections.c.deleted_at.is_(None),
        )
    )
    known = found.scalar_one_or_none()
    return None if known is None else public_id("con", known)
