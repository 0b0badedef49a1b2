"""Deletes a tenant's rows from a service's schemas, a bounded portion at a time; the catalogue names the tables.

So a table that comes later cannot be forgotten: whatever has a column `tenant_id` is emptied.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, text

from common.db.database import Database
from common.db.erased import note_erased
from common.db.roles import OWNED_SCHEMAS, eraser
from common.db.unit_of_work import Tx
from common.ids import TenantId

_CHUNK = 2000
_BUDGET_SECONDS = 3.0
#: A count stops here: it is "at least" then.
MOST_COUNTED = 100_000

# Parents of foreign keys come after their parts; feeds hold back what the relay has not published yet.
_TABLES = text("""
SELECT c.oid::regclass::text AS name,
    ARRAY(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum) AS key,
    ARRAY(SELECT k.confrelid::regclass::text FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS parents,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'position')
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'topic') AS is_feed,
    c.relnamespace::regnamespace::text AS schema, c.relname AS bare
FROM pg_class c
WHERE c.relnamespace::regnamespace::text = ANY(:schemas) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
ORDER BY name
""")


@dataclass(frozen=True)
class TenantTable:
    """A table with rows of tenants; `may_go` is the condition under which a row may be deleted yet."""

    name: str
    key: tuple[str, ...]
    parents: frozenset[str]
    may_go: str


async def erase_portion(
    db: Database,
    login: str,
    tenant: TenantId,
    *,
    tombstones: Table | None = None,
    keep: Collection[str] = (),
    seconds: float = _BUDGET_SECONDS,
) -> Mapping[str, int]:
    """Deletes for some seconds and says what is left per table (nothing: it is done); may be stopped anywhere.

    `tombstones` is where it is noted first that nothing more may come; tables in `keep` are left alone.
    """
    if tombstones is not None:
        async with db.uow(tenant) as tx:
            await note_erased(tx, tombstones, tenant)
    tables = [table for table in await tables_of_tenants(db, login) if table.name not in keep]
    until = time.monotonic() + seconds
    for table in tables:
        while await _delete_chunk(db, login, tenant, table) == _CHUNK and time.monotonic() < until:
            pass
        if time.monotonic() > until:
            break
    return await count_left(db, login, tenant, tables)


async def count_left(
    db: Database, login: str, tenant: TenantId, tables: Sequence[TenantTable] | None = None
) -> Mapping[str, int]:
    """How many rows each table still has of a tenant; those that have none are left out."""
    left = {}
    for table in await tables_of_tenants(db, login) if tables is None else tables:
        async with db.uow(tenant) as tx:
            await _as_eraser(tx, login)
            some = f"SELECT tenant_id FROM {table.name} WHERE tenant_id = :tenant LIMIT {MOST_COUNTED}"  # noqa: S608
            statement = text(f"SELECT count(*) FROM ({some}) AS counted")  # noqa: S608
            number = (await tx.execute(statement, {"tenant": tenant})).scalar_one()
        if number:
            left[table.name] = number
    return left


async def tables_of_tenants(db: Database, login: str) -> Sequence[TenantTable]:
    """Every table of a service's schemas that has rows of tenants but the directory of tenants; parts before wholes."""
    async with db.connection() as connection:
        rows = (await connection.execute(_TABLES, {"schemas": list(OWNED_SCHEMAS[login])})).all()
    waiting = [
        TenantTable(row.name, tuple(row.key), frozenset(row.parents), _published(row.schema, row.bare, row.is_feed))
        for row in rows
        if row.name != "auth.tenants"
    ]
    if unkeyed := [table.name for table in waiting if "tenant_id" not in table.key]:
        raise RuntimeError(f"tables of tenants need a primary key with tenant_id: {unkeyed}")
    ordered: list[TenantTable] = []
    while waiting:
        # What no other waiting table refers to can go; a circle of references would be a fault of the schema.
        free = [table for table in waiting if not any(table.name in other.parents for other in waiting)]
        if not free:
            raise RuntimeError(f"tables refer to each other in a circle: {[table.name for table in waiting]}")
        ordered += free
        waiting = [table for table in waiting if table not in free]
    return ordered


def _published(schema: str, name: str, is_feed: bool) -> str:
    if not is_feed:
        return "true"
    state = f"SELECT published_position FROM {schema}.relay_state WHERE feed = '{name}'"  # noqa: S608
    return f"position <= ({state})"


async def _delete_chunk(db: Database, login: str, tenant: TenantId, table: TenantTable) -> int:
    key = ", ".join(table.key)
    where = f"tenant_id = :tenant AND {table.may_go}"
    some = f"SELECT {key} FROM {table.name} WHERE {where} LIMIT {_CHUNK}"  # noqa: S608
    async with db.uow(tenant) as tx:
        await _as_eraser(tx, login)
        statement = text(f"DELETE FROM {table.name} WHERE tenant_id = :tenant AND ({key}) IN ({some})")  # noqa: S608
        return await tx.affected(statement.bindparams(tenant=tenant))


async def _as_eraser(tx: Tx, login: str) -> None:
    await tx.execute(text(f"SET LOCAL ROLE {eraser(login)}"))  # no tenant: the role of this transaction
