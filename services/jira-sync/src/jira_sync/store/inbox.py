"""Deliveries of webhooks as they came: stored before they are answered, worked off later, kept for a while."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from common.db.database import Database
from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from jira_sync.store.across_tenants import FINDER
from jira_sync.store.tables import webhook_inbox


@dataclass(frozen=True)
class Delivery:
    """One stored delivery."""

    identifier: str
    body: bytes
    received_at: datetime
    attempts: int


async def add_delivery(tx: Tx, connection: ConnectionId, *, identifier: str, body: bytes, at: datetime) -> bool:
    """Stores a delivery; False when Jira sent it before (the identifier stays the same over retries)."""
    statement = (
        postgresql.insert(webhook_inbox)
        .values(
            tenant_id=tx.tenant,
            connection_id=connection,
            identifier=identifier,
            body=body,
            received_at=at,
            next_attempt_at=at,
        )
        .on_conflict_do_nothing()
    )
    return await tx.affected(statement) == 1


async def list_waiting(tx: Tx, connection: ConnectionId, *, now: datetime, limit: int) -> list[Delivery]:
    """Deliveries that are due, the oldest first."""
    found = await tx.execute(
        tx.select(webhook_inbox)
        .where(
            webhook_inbox.c.connection_id == connection,
            webhook_inbox.c.state == "new",
            webhook_inbox.c.next_attempt_at <= now,
        )
        .order_by(webhook_inbox.c.next_attempt_at)
        .limit(limit)
    )
    return [Delivery(row.identifier, bytes(row.body), row.received_at, row.attempts) for row in found]


async def finish_deliveries(
    tx: Tx, connection: ConnectionId, identifiers: Collection[str], *, state: str = "done", reason: str | None = None
) -> None:
    """Marks deliveries as done, or as dead with the reason."""
    if identifiers:
        await tx.execute(
            tx.update(webhook_inbox)
            .where(webhook_inbox.c.connection_id == connection, webhook_inbox.c.identifier.in_(sorted(identifiers)))
            .values(state=state, reason=reason)
        )


async def postpone_delivery(
    tx: Tx, connection: ConnectionId, delivery: Delivery, *, attempts: int, until: datetime, reason: str
) -> None:
    """Tries a delivery again later."""
    await tx.execute(
        tx.update(webhook_inbox)
        .where(webhook_inbox.c.connection_id == connection, webhook_inbox.c.identifier == delivery.identifier)
        .values(attempts=attempts, next_attempt_at=until, reason=reason)
    )


async def forget_deliveries(tx: Tx, connection: ConnectionId, *, now: datetime, keep: timedelta) -> None:
    """Drops what was worked off long ago; dead ones stay for whoever looks into them."""
    await tx.execute(
        tx.delete(webhook_inbox).where(
            webhook_inbox.c.connection_id == connection,
            webhook_inbox.c.state == "done",
            webhook_inbox.c.received_at < now - keep,
        )
    )


async def connections_with_waiting(db: Database, *, now: datetime) -> set[ConnectionId]:
    """Connections that have deliveries to work off, of all tenants."""
    async with db.uow_for_all_tenants("a node looks for deliveries that wait", role=FINDER) as tx:
        found = await tx.execute(
            # across tenants: a node works for connections of all of them
            select(webhook_inbox.c.connection_id)
            .where(webhook_inbox.c.state == "new", webhook_inbox.c.next_attempt_at <= now)
            .distinct()
        )
        return {ConnectionId(row.connection_id) for row in found}
