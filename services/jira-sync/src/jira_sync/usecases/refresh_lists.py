"""Reads projects and the small lists of a site anew; projects that are new are added to the backfill."""

import asyncio
from datetime import datetime

import structlog

from common.ids import public_id
from jira_sync.domain.connection import is_in_scope
from jira_sync.domain.list_mapping import catalogue_rows, project_key_rows, project_rows, user_rows
from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.interface import JsonObject, RawLists
from jira_sync.store.issues import store_gone
from jira_sync.store.leases import assert_lease
from jira_sync.store.lists import (
    get_site_lists,
    list_lost_projects,
    list_project_issues,
    store_catalogue,
    store_projects,
    store_users,
)
from jira_sync.store.progress import add_streams, move_cursor
from jira_sync.usecases.session import Session

log = structlog.get_logger(__name__)

_CLOSED = (DoorMissing, JiraForbidden, JiraRejected)
_GONE_AT_ONCE = 500


async def refresh_lists(session: Session) -> None:
    """Everything but issues. A list whose door is closed stays as it was."""
    projects = await session.jira.projects()
    lists = await session.jira.lists()
    scope = session.connection.scope_projects
    inside = [entry for entry in projects if is_in_scope(str(entry["key"]), scope)]
    details = await asyncio.gather(*(_details(session, int(entry["id"])) for entry in inside))
    by_kind = _by_kind(lists, [entry for entry in details if entry is not None])
    now = session.app.clock()
    connection = session.connection.id
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        await store_projects(tx, connection, project_rows(inside), project_key_rows(inside))
        await store_catalogue(tx, connection, catalogue_rows(by_kind), by_kind.keys())
        await store_users(tx, connection, user_rows(lists.users))
        await add_streams(tx, connection, [(int(entry["id"]), str(entry["key"])) for entry in inside], at=now)
        await move_cursor(tx, connection, catalogue_at=now)
        session.lists = await get_site_lists(tx, connection)
    for name, code in lists.gaps.items():
        log.warning("list_not_readable", connection=public_id("con", connection), list=name, reason=code)
    await _take_out_lost_projects(session)
    session.lists_wanted = False


async def _details(session: Session, project_id: int) -> JsonObject | None:
    try:
        return await session.jira.project(project_id)
    except _CLOSED:
        return None


def _by_kind(lists: RawLists, projects: list[JsonObject]) -> dict[str, list[JsonObject]]:
    found = {
        "field": ("fields", lists.fields),
        "status": ("statuses", lists.statuses),
        "priority": ("priorities", lists.priorities),
        "resolution": ("resolutions", lists.resolutions),
        "issue_type": ("issue_types", lists.issue_types),
        "link_type": ("link_types", lists.link_types),
    }
    kinds = {kind: list(entries) for kind, (name, entries) in found.items() if name not in lists.gaps}
    for kind, part in (("version", "versions"), ("component", "components")):
        kinds[kind] = [
            {**entry, "projectId": project["id"]} for project in projects for entry in project.get(part) or ()
        ]
    return kinds


async def _take_out_lost_projects(session: Session) -> None:
    """A project that left the list and answers 404, or left the scope, takes its issues with it."""
    async with session.app.db.uow(session.tenant) as tx:
        lost = await list_lost_projects(tx, session.connection.id)
    for project_id, key in lost:
        observed_at = session.app.clock()
        if not is_in_scope(key, session.connection.scope_projects) or await _is_gone(session, project_id):
            await _take_out(session, project_id, observed_at)


async def _is_gone(session: Session, project_id: int) -> bool:
    try:
        await session.jira.project(project_id)
    except (DoorMissing, JiraForbidden):
        await session.jira.account()  # a stranger sees no projects either
        return True
    return False


async def _take_out(session: Session, project_id: int, observed_at: datetime) -> None:
    while True:
        async with session.app.db.uow(session.tenant) as tx:
            await assert_lease(tx, session.lease)
            ids = await list_project_issues(tx, session.connection.id, project_id, limit=_GONE_AT_ONCE)
            if await store_gone(tx, session.site, ids, observed_at=observed_at) == 0:
                return
