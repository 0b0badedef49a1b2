"""Which node works for a connection: a lease with a fence, renewed while it works, taken over when it ended."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql

from common.db.database import Database
from common.db.unit_of_work import Tx
from common.errors import AppError, ErrorKind
from common.ids import ConnectionId, TenantId
from jira_sync.store.across_tenants import FINDER
from jira_sync.store.tables import sync_leases


class LeaseLost(AppError):
    """Another node works for this connection now."""

    kind, code = ErrorKind.CONFLICT, "sync.lease_lost"


@dataclass(frozen=True)
class SyncLease:
    """The right to write for a connection, until another node has a higher fence."""

    tenant: TenantId
    connection: ConnectionId
    owner: str
    fence: int


async def acquire_lease(tx: Tx, connection: ConnectionId, owner: str, life: timedelta) -> SyncLease | None:
    """Takes a free or ended lease; None while another node holds it. The database's clock decides."""
    fresh = postgresql.insert(sync_leases).values(
        tenant_id=tx.tenant, connection_id=connection, owner=owner, fence=1, expires_at=func.now() + life
    )
    statement = fresh.on_conflict_do_update(
        index_elements=["tenant_id", "connection_id"],
        set_={"owner": owner, "fence": sync_leases.c.fence + 1, "expires_at": func.now() + life},
        where=sync_leases.c.expires_at < func.now(),
    ).returning(sync_leases.c.fence)
    fence = (await tx.execute(statement)).scalar_one_or_none()
    return None if fence is None else SyncLease(tx.tenant, connection, owner, fence)


async def renew_lease(tx: Tx, lease: SyncLease, life: timedelta) -> bool:
    """Prolongs a lease; False when it is another node's, or ended and may be any moment."""
    changed = await tx.affected(
        tx.update(sync_leases)
        .where(
            sync_leases.c.connection_id == lease.connection,
            sync_leases.c.owner == lease.owner,
            sync_leases.c.fence == lease.fence,
            sync_leases.c.expires_at > func.now(),
        )
        .values(expires_at=func.now() + life)
    )
    return changed == 1


async def release_lease(tx: Tx, lease: SyncLease) -> None:
    """Gives a lease back, so that another node need not wait for its end."""
    await tx.execute(
        tx.update(sync_leases)
        .where(
            sync_leases.c.connection_id == lease.connection,
            sync_leases.c.owner == lease.owner,
            sync_leases.c.fence == lease.fence,
        )
        .values(expires_at=func.now() - timedelta(seconds=1), owner=None)
    )


async def assert_lease(tx: Tx, lease: SyncLease) -> None:
    """Stands in every transaction that moves a cursor: raises `LeaseLost` when another node took over.

    No lock: a takeover in between makes two nodes store the same, and stores judge by time.
    """
    found = await tx.execute(
        tx.select(sync_leases, sync_leases.c.fence).where(
            sync_leases.c.connection_id == lease.connection,
            sync_leases.c.owner == lease.owner,
            sync_leases.c.fence == lease.fence,
        )
    )
    if found.one_or_none() is None:
        raise LeaseLost


async def list_held(db: Database) -> set[ConnectionId]:
    """Connections for which some node works right now."""
    async with db.uow_for_all_tenants("a node looks for connections that nobody works for", role=FINDER) as tx:
        # across tenants: a node works for connections of all of them
        found = await tx.execute(select(sync_leases.c.connection_id).where(sync_leases.c.expires_at > func.now()))
        return {ConnectionId(row.connection_id) for row in found}
