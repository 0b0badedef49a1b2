"""Which Jira sites a tenant has connected: asked of `jira.connections`, which jira-sync lets auth read."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid

from common.db.unit_of_work import Tx

_connections = Table(
    "connections",
    MetaData(schema="jira"),
    Column("tenant_id", Uuid),
    Column("base_url", Text),
    Column("site", Text),
    Column("deployment", Text),
    Column("deleted_at", DateTime(timezone=True)),
)


async def list_connected_sites(tx: Tx) -> frozenset[str]:
    """Addresses in small letters without a slash at the end, as `site_address` writes them."""
    statement = tx.select(_connections, _connections.c.base_url, _connections.c.site).where(
        _connections.c.deployment == "cloud", _connections.c.deleted_at.is_(None)
    )
    return frozenset(address.rstrip("/").lower() for row in await tx.execute(statement) for address in row)
