"""Connections and the small lists of their sites come out of the mirror as JSON."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from api_gateway.app import App
from api_gateway.domain.site_json import catalogue_entry, project, user
from api_gateway.store import connections as store
from api_gateway.usecases.list_collection import PageRequest
from api_gateway.usecases.list_issues import Answer
from common.contracts.http.connections import connection_body, sync_state_body
from common.db.reading import Reader
from common.errors import NotFound, register_translations
from common.ids import ConnectionId, TenantId


class ConnectionNotFound(NotFound):
    """There is no such connection."""

    code = "connection.not_found"


register_translations({"connection.not_found": "Такого подключения нет."})


class SiteList(StrEnum):
    """The small lists of a site, by the last part of their path."""

    PROJECTS = "projects"
    USERS = "users"
    FIELDS = "fields"
    STATUSES = "statuses"
    PRIORITIES = "priorities"
    ISSUE_TYPES = "issue-types"


_KINDS = {
    SiteList.FIELDS: "field",
    SiteList.STATUSES: "status",
    SiteList.PRIORITIES: "priority",
    SiteList.ISSUE_TYPES: "issue_type",
}


async def list_connections(*, tenant: TenantId, app: App) -> bytes:
    """All of the tenant; there are never more than fit one page."""
    async with app.db.read(tenant) as reader:
        rows = await store.list_connections(reader)
    items = [connection_body(_row(row)).model_dump(mode="json") for row in rows]
    return orjson.dumps({"items": items, "next_cursor": None})


async def show_connection(connection: ConnectionId, *, tenant: TenantId, app: App) -> bytes:
    """Raises `ConnectionNotFound`."""
    return orjson.dumps(connection_body(await _find(connection, tenant, app)).model_dump(mode="json"))


async def show_sync_state(connection: ConnectionId, *, tenant: TenantId, app: App) -> bytes:
    """How far the mirror of a connection is; raises `ConnectionNotFound`."""
    row = await _find(connection, tenant, app)
    return orjson.dumps(sync_state_body(row, now=app.clock()).model_dump(mode="json"))


async def list_site(
    kind: SiteList, connection: ConnectionId, wanted: PageRequest, *, tenant: TenantId, app: App
) -> Answer:
    """One page of a small list; raises `ConnectionNotFound`."""
    question = f"{kind}:{connection}:{tenant}"
    after: Sequence[Any] | None = None
    if wanted.cursor is not None:
        after = app.cursors.read(wanted.cursor, bound_to=question, now=app.clock())
    async with app.db.read(tenant) as reader:
        row = await store.find_connection(reader, connection)
        if row is None:
            raise ConnectionNotFound
        rows = await _rows(kind, connection, reader, wanted.limit + 1, after)
    page = rows[: wanted.limit]
    cursor = None
    if len(rows) > wanted.limit:
        cursor = app.cursors.write(_position(kind, page[-1]), bound_to=question, now=app.clock())
    as_of: datetime | None = row["complete_as_of"]
    return Answer(orjson.dumps({"items": [_shape(kind, each) for each in page], "next_cursor": cursor}), as_of)


async def _find(connection: ConnectionId, tenant: TenantId, app: App) -> dict[str, Any]:
    async with app.db.read(tenant) as reader:
        row = await store.find_connection(reader, connection)
    if row is None:
        raise ConnectionNotFound
    return _row(row)


def _row(row: Any) -> dict[str, Any]:
    """asyncpg hands JSONB over as text."""
    found = dict(row)
    for name in ("scope_projects", "last_error", "budget"):
        if isinstance(found[name], str):
            found[name] = orjson.loads(found[name])
    return found


async def _rows(
    kind: SiteList, connection: ConnectionId, reader: Reader, limit: int, after: Sequence[Any] | None
) -> Sequence[Any]:
    if kind is SiteList.PROJECTS:
        return await store.list_projects(reader, connection, limit=limit, after=after)
    if kind is SiteList.USERS:
        return await store.list_users(reader, connection, limit=limit, after=after)
    return await store.list_catalogue(reader, connection, _KINDS[kind], limit=limit, after=after)


def _position(kind: SiteList, row: Any) -> list[Any]:
    names = {SiteList.PROJECTS: ("key",), SiteList.USERS: ("display_name", "account_id")}
    return [row[name] for name in names.get(kind, ("rank", "name", "jira_id"))]


def _shape(kind: SiteList, row: Any) -> dict[str, Any]:
    if kind is SiteList.PROJECTS:
        return project(row)
    return user(row) if kind is SiteList.USERS else catalogue_entry(row)
