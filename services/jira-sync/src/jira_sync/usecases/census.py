"""Finds what disappeared without a word: ids that the mirror shows and Jira's index does not are asked for again."""

import structlog

from common.ids import public_id
from jira_sync.domain.census import absent_ids
from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected
from jira_sync.store.lists import list_live_ids, list_project_keys
from jira_sync.usecases.session import Session
from jira_sync.usecases.store_fetched import refetch

log = structlog.get_logger(__name__)

_AT_ONCE = 200


async def take_census(session: Session) -> None:
    """Nothing is taken out because an index does not know it; only a 404 for the issue itself does that."""
    async with session.app.db.uow(session.tenant) as tx:
        projects = await list_project_keys(tx, session.connection.id)
    for project_id, key in projects:
        try:
            there = await session.jira.ids(key)
        except (DoorMissing, JiraForbidden, JiraRejected):
            continue  # the backfill notes such a gap
        async with session.app.db.uow(session.tenant) as tx:
            shown = await list_live_ids(tx, session.connection.id, project_id)
        absent = absent_ids(shown, there)
        if absent is None:
            log.warning("project_unobserved", connection=public_id("con", session.connection.id), project=project_id)
            continue
        for start in range(0, len(absent), _AT_ONCE):
            await refetch(session, absent[start : start + _AT_ONCE])
