"""Connections and the small lists of their sites, read from the mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, BigInteger, Boolean, Integer, Select, Text, and_, any_, or_, select

from common.contracts.http.connections import CONNECTION_COLUMNS
from common.db.reading import CompiledRead, Reader, compile_read
from common.ids import ConnectionId
from common.issues.scope import bound, of_tenant, texts
from common.issues.tables import catalogue, connections, project_keys, projects, users


async def list_connections(reader: Reader) -> Sequence[asyncpg.Record]:
    """All live connections of the tenant, oldest first."""
    return await reader.fetch(_ALL, tenant=reader.tenant)


async def find_connection(reader: Reader, connection: ConnectionId) -> asyncpg.Record | None:
    """One live connection."""
    return await reader.fetchrow(_ONE, tenant=reader.tenant, connection=connection)


@dataclass(frozen=True, slots=True)
class ListPage:
    """A piece of a small list; `projects` are those that the viewer sees, None for all."""

    connection: ConnectionId
    limit: int
    after: Sequence[Any] | None = None
    projects: frozenset[int] | None = None


async def list_projects(reader: Reader, page: ListPage) -> Sequence[asyncpg.Record]:
    """Projects by key; `after` is the last key."""
    return await _page(reader, _PROJECTS, page, **_seen(page))


async def list_users(reader: Reader, page: ListPage) -> Sequence[asyncpg.Record]:
    """People by name; `after` is the last (name, account)."""
    return await _page(reader, _USERS, page)


async def list_catalogue(reader: Reader, page: ListPage, kind: str) -> Sequence[asyncpg.Record]:
    """One of the small lists in Jira's order; `after` is the last (rank, name, id)."""
    return await _page(reader, _CATALOGUE, page, kind=kind, **_seen(page))


async def list_project_keys(reader: Reader, connection: ConnectionId, keys: Sequence[str]) -> list[tuple[str, int]]:
    """Which project each of these keys means, as far as there is one."""
    rows = await reader.fetch(_KEYS, tenant=reader.tenant, connection=connection, keys=list(keys))
    return [(row["key"], row["project_id"]) for row in rows]


def _seen(page: ListPage) -> dict[str, Any]:
    return {"every": page.projects is None, "seen": sorted(page.projects or ())}


async def _page(
    reader: Reader, statements: tuple[CompiledRead, CompiledRead], page: ListPage, **given: Any
) -> Sequence[asyncpg.Record]:
    values = {f"a{index}": value for index, value in enumerate(page.after or ())}
    given |= {"tenant": reader.tenant, "connection": page.connection, "limit": page.limit}
    return await reader.fetch(statements[page.after is not None], **given, **values)


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

_EVERY = bound("every", Boolean())
_IDS = bound("seen", ARRAY(BigInteger()))

_PROJECTS = _both(
    select(projects).where(of_tenant(projects), _connection(projects), _EVERY | (projects.c.project_id == any_(_IDS))),
    projects.c.key,
)
_KEYS = compile_read(
    select(project_keys.c.key, project_keys.c.project_id)
    .where(of_tenant(project_keys), _connection(project_keys), project_keys.c.key == any_(texts("keys")))
    .order_by(project_keys.c.key)
)
_USERS = _both(select(users).where(of_tenant(users), _connection(users)), users.c.display_name, users.c.account_id)
_CATALOGUE = _both(
    select(catalogue).where(
        of_tenant(catalogue),
        _connection(catalogue),
        catalogue.c.kind == bound("kind", Text()),
        or_(_EVERY, catalogue.c.project_id.is_(None), catalogue.c.project_id == any_(_IDS)),
    ),
    catalogue.c.rank,
    catalogue.c.name,
    catalogue.c.jira_id,
)
