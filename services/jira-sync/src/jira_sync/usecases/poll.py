"""Asks Jira what changed since the watermark, fetches what the mirror does not have, and moves the watermark."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from jira_sync.domain.polling import Seen, next_watermark, poll_from, to_fetch
from jira_sync.metrics import FOUND_BY_POLL
from jira_sync.store.connections import change_connection
from jira_sync.store.issues import updated_times
from jira_sync.store.leases import assert_lease
from jira_sync.store.lists import list_project_keys
from jira_sync.store.progress import Cursor, get_cursor, move_cursor
from jira_sync.usecases.census import take_census
from jira_sync.usecases.session import Session
from jira_sync.usecases.store_fetched import refetch

_LOOKED_UP = 2000
_FETCHED = 200
_DEEP_EVERY = timedelta(hours=1)


async def poll(session: Session, *, deep: bool = False) -> None:
    """One poll; a deep one looks for what disappeared, too. The watermark moves after all that was found is stored."""
    started = session.app.clock()
    settings = session.app.settings
    async with session.app.db.uow(session.tenant) as tx:
        cursor = await get_cursor(tx, session.connection.id)
        keys = [key for _, key in await list_project_keys(tx, session.connection.id)]
    if cursor.watermark is None:
        raise RuntimeError("a poll needs the watermark that the backfill set")
    await session.jira.account()  # an expired credential may see less and say nothing
    deep = deep or _is_deep(cursor, started)
    overlap = settings.deep_overlap if deep else settings.poll_overlap
    since = poll_from(cursor.watermark, overlap=overlap, skew=session.skew)
    scoped = session.connection.scope_projects is not None
    if keys or not scoped:
        await _fetch_news(session, await session.jira.updated_since(since, keys if scoped else None))
    if deep and cursor.deep_scan_at is not None:
        await take_census(session)
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        columns = {"watermark": next_watermark(cursor.watermark, started=started), "failures": 0}
        await move_cursor(tx, session.connection.id, **columns, **({"deep_scan_at": started} if deep else {}))
        await change_connection(tx, session.connection.id, complete_as_of=started, budget=session.jira.http.budget.last)


def _is_deep(cursor: Cursor, now: datetime) -> bool:
    return cursor.deep_scan_at is None or now - cursor.deep_scan_at > _DEEP_EVERY


async def _fetch_news(session: Session, seen: Sequence[Seen]) -> None:
    for start in range(0, len(seen), _LOOKED_UP):
        part = seen[start : start + _LOOKED_UP]
        async with session.app.db.uow(session.tenant) as tx:
            mirrored = await updated_times(tx, session.site, [entry.jira_id for entry in part])
        wanted = to_fetch(part, mirrored)
        FOUND_BY_POLL.inc(len(wanted))
        for first in range(0, len(wanted), _FETCHED):
            await refetch(session, wanted[first : first + _FETCHED])
