"""Connections and the small lists of their sites come out of the mirror as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from common.ids import ConnectionId
from common.issues.access import Access, Viewer, read_access


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


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks; `manages` says that connections are his to administer, whatever was granted to him."""

    viewer: Viewer
    manages: bool = False


@dataclass(frozen=True, slots=True)
class _Sight:
    """A connection as one looker sees it: all of it, or some of its projects."""

    row: dict[str, Any]
    projects: frozenset[int] | None  # None = all

    @property
    def narrow(self) -> str:
        """Part of what a cursor is bound to."""
        return "all" if self.projects is None else ",".join(map(str, sorted(self.projects)))


async def list_connections(looker: Looker, *, app: App) -> bytes:
    """Those of which something is seen; there are never more than fit one page."""
    async with app.db.read(looker.viewer.tenant) as reader:
        access = await read_access(reader, looker.viewer)
        found = [_sight(row, access, looker) for row in await store.list_connections(reader)]
        items = [await _body(sight, reader) for sight in found if sight is not None]
    return orjson.dumps({"items": items, "next_cursor": None})


async def show_connection(connection: ConnectionId, looker: Looker, *, app: App) -> bytes:
    """Raises `ConnectionNotFound`."""
    async with app.db.read(looker.viewer.tenant) as reader:
        return orjson.dumps(await _body(await _find(connection, looker, reader), reader))


async def show_sync_state(connection: ConnectionId, looker: Looker, *, app: App) -> bytes:
    """How far the mirror of a connection is; its numbers and troubles tell of all projects, so not for everybody.

    Raises `ConnectionNotFound`.
    """
    async with app.db.read(looker.viewer.tenant) as reader:
        sight = await _find(connection, looker, reader)
    state = sync_state_body(sight.row, now=app.clock())
    if sight.projects is not None:
        state = state.model_copy(update={"progress": None, "last_error": None, "budget": None})
    return orjson.dumps(state.model_dump(mode="json"))


async def list_site(
    kind: SiteList, connection: ConnectionId, wanted: PageRequest, looker: Looker, *, app: App
) -> Answer:
    """One page of a small list, without what belongs to projects that are not seen; raises `ConnectionNotFound`."""
    async with app.db.read(looker.viewer.tenant) as reader:
        sight = await _find(connection, looker, reader)
        row = sight.row
        question = f"{kind}:{connection}:{looker.viewer.tenant}:{sight.narrow}"
        after: Sequence[Any] | None = None
        if wanted.cursor is not None:
            after = app.cursors.read(wanted.cursor, bound_to=question, now=app.clock())
        rows = await _rows(kind, store.ListPage(connection, wanted.limit + 1, after, sight.projects), reader)
    page = rows[: wanted.limit]
    cursor = None
    if len(rows) > wanted.limit:
        cursor = app.cursors.write(_position(kind, page[-1]), bound_to=question, now=app.clock())
    as_of: datetime | None = row["complete_as_of"]
    return Answer(orjson.dumps({"items": [_shape(kind, each) for each in page], "next_cursor": cursor}), as_of)


async def _find(connection: ConnectionId, looker: Looker, reader: Reader) -> _Sight:
    access = await read_access(reader, looker.viewer)
    row = await store.find_connection(reader, connection)
    sight = None if row is None else _sight(row, access, looker)
    if sight is None:
        raise ConnectionNotFound
    return sight


def _sight(row: Any, access: Access, looker: Looker) -> _Sight | None:
    seen = access.of(ConnectionId(row["connection_id"]))
    if looker.manages or (seen is not None and seen.whole):
        return _Sight(_row(row), None)
    return None if seen is None else _Sight(_row(row), seen.projects)


async def _body(sight: _Sight, reader: Reader) -> dict[str, Any]:
    """A connection as it is shown; of its scope only projects that are seen."""
    row = sight.row
    if sight.projects is not None and row["scope_projects"]:
        known = await store.list_project_keys(reader, row["connection_id"], row["scope_projects"])
        row = {**row, "scope_projects": [key for key, project in known if project in sight.projects] or None}
    return connection_body(row).model_dump(mode="json")


def _row(row: Any) -> dict[str, Any]:
    """asyncpg hands JSONB over as text."""
    found = dict(row)
    for name in ("scope_projects", "last_error", "budget"):
        if isinstance(found[name], str):
            found[name] = orjson.loads(found[name])
    return found


async def _rows(kind: SiteList, page: store.ListPage, reader: Reader) -> Sequence[Any]:
    if kind is SiteList.PROJECTS:
        return await store.list_projects(reader, page)
    if kind is SiteList.USERS:
        return await store.list_users(reader, page)
    return await store.list_catalogue(reader, page, _KINDS[kind])


def _position(kind: SiteList, row: Any) -> list[Any]:
    names = {SiteList.PROJECTS: ("key",), SiteList.USERS: ("display_name", "account_id")}
    return [row[name] for name in names.get(kind, ("rank", "name", "jira_id"))]


def _shape(kind: SiteList, row: Any) -> dict[str, Any]:
    if kind is SiteList.PROJECTS:
        return project(row)
    return user(row) if kind is SiteList.USERS else catalogue_entry(row)
