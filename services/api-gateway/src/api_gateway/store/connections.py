"""Connections and the small lists of their sites, read from the mirror."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import Integer, Select, Text, and_, or_, select

from common.contracts.http.connections import CONNECTION_COLUMNS
from common.db.reading import CompiledRead, Reader, compile_read
from common.ids import ConnectionId
from common.issues.scope import bound, of_tenant
from common.issues.tables import catalogue, connections, projects, users


async def list_connections(reader: Reader) -> Sequence[asyncpg.Record]:
    """All live connections of the tenant, oldest first."""
    return await reader.fetch(_ALL, tenant=reader.tenant)


async def find_connection(reader: Reader, connection: ConnectionId) -> asyncpg.Record | None:
    """One live connection."""
    return await reader.fetchrow(_ONE, tenant=reader.tenant, connection=connection)


async def list_projects(
    reader: Reader, connection: ConnectionId, *, limit: int, after: Sequence[Any] | None
) -> Sequence[asyncpg.Record]:
    """Projects by key; `after` is the last key."""
    return await _page(reader, _PROJECTS, connection, limit, after)


async def list_users(
    reader: Reader, connection: ConnectionId, *, limit: int, after: Sequence[Any] | None
) -> Sequence[asyncpg.Record]:
    """People by name; `after` is the last (name, account)."""
    return await _page(reader, _USERS, connection, limit, after)


async def list_catalogue(
    reader: Reader, connection: ConnectionId, kind: str, *, limit: int, after: Sequence[Any] | None
) -> Sequence[asyncpg.Record]:
    """One of the small lists in Jira's order; `after` is the last (rank, name, id)."""
    return await _page(reader, _CATALOGUE, connection, limit, after, kind=kind)


async def _page(
    reader: Reader,
    statements: tuple[CompiledRead, CompiledRead],
    connection: ConnectionId,
    limit: int,
    after: Sequence[Any] | None,
    **given: Any,
) -> Sequence[asyncpg.Record]:
    values = {f"a{index}": value for index, value in enumerate(after or ())}
    statement = statements[after is not None]
    return await reader.fetch(statement, tenant=reader.tenant, connection=connection, limit=limit, **given, **values)


def _both(statement: Select[Any], *keys: Any) -> tuple[CompiledRead, CompiledRead]:
    """A list in the order of its keys: its first page, and the page after a position."""
    ordered = statement.order_by(*keys).limit(bound("limit", Integer()))
    ways = []
    for index, key in enumerate(keys):
        same = [before == bound(f"a{place}", before.type) for place, before in enumerate(keys[:index])]
        ways.append(and_(*same, key > bound(f"a{index}", key.type)))
    return compile_read(ordered), compile_read(ordered.where(or_(*ways)))


def _connection(table: Any) -> Any:
    return table.c.connection_id == bound("connection", table.c.connection_id.type)


_LIVE = select(*(connections.c[name] for name in CONNECTION_COLUMNS)).where(
    of_tenant(connections), connections.c.deleted_at.is_(None)
)
_ALL = compile_read(_LIVE.order_by(connections.c.created_at, connections.c.connection_id))
_ONE = compile_read(_LIVE.where(_connection(connections)))

_PROJECTS = _both(select(projects).where(of_tenant(projects), _connection(projects)), projects.c.key)
_USERS = _both(select(users).where(of_tenant(users), _connection(users)), users.c.display_name, users.c.account_id)
_CATALOGUE = _both(
    select(catalogue).where(of_tenant(catalogue), _connection(catalogue), catalogue.c.kind == bound("kind", Text())),
    catalogue.c.rank,
    catalogue.c.name,
    catalogue.c.jira_id,
)
