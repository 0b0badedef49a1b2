"""Reads every project of a connection to its end, page by page; each page and where to go on are one commit."""

import asyncio
from contextlib import suppress
from datetime import datetime

import structlog

from common.clock import rfc3339
from common.ids import public_id
from jira_sync.outbound.jira.errors import DoorMissing, JiraError, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.interface import SweepPage
from jira_sync.store.leases import assert_lease
from jira_sync.store.progress import Stream, count_stored, list_streams, move_stream, show_progress
from jira_sync.usecases.session import Session
from jira_sync.usecases.store_fetched import store_fetched

log = structlog.get_logger(__name__)

_CLOSED = (DoorMissing, JiraForbidden, JiraRejected)


async def backfill(session: Session) -> None:
    """Goes on with all projects that are not read yet, some at once; returns when none is left."""
    async with session.app.db.uow(session.tenant) as tx:
        streams = await list_streams(tx, session.connection.id)
    waiting = [stream for stream in streams if not stream.done]
    await _estimate(session, waiting)
    places = asyncio.Semaphore(session.app.settings.projects_at_once)

    async def one(stream: Stream) -> None:
        async with places:
            await _read_project(session, stream)

    # The first failure ends the others too: whatever is committed stays, and all go on from there.
    tasks = [asyncio.create_task(one(stream)) for stream in waiting]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def is_whole(session: Session) -> bool:
    """Whether every project was read to its end, or its gap is known."""
    async with session.app.db.uow(session.tenant) as tx:
        return all(stream.done for stream in await list_streams(tx, session.connection.id))


async def _estimate(session: Session, streams: list[Stream]) -> None:
    """How much there will be to do, where Jira says it."""
    for stream in streams:
        if stream.state is not None:
            continue
        with suppress(*_CLOSED):
            total = await session.jira.count(stream.project_key)
            async with session.app.db.uow(session.tenant) as tx:
                await assert_lease(tx, session.lease)
                now = session.app.clock()
                await move_stream(tx, session.connection.id, stream.project_id, at=now, total=total)
                await show_progress(tx, session.connection.id)


async def _read_project(session: Session, stream: Stream) -> None:
    """One project; a closed door is noted as its gap and stops nothing else."""
    try:
        await _read_pages(session, stream)
    except _CLOSED as error:
        log.warning(
            "project_not_readable",
            connection=public_id("con", session.connection.id),
            project=stream.project_id,
            reason=error.code,
        )
        await _note_gap(session, stream, error)


async def _read_pages(session: Session, stream: Stream) -> None:
    """Fetches the next page while this one is stored."""
    state = stream.state
    asked_at = session.app.clock()
    page = await session.jira.sweep(stream.project_key, state)
    while True:
        following: asyncio.Task[SweepPage] | None = None
        next_asked_at = session.app.clock()
        if page.state is not None:
            following = asyncio.create_task(session.jira.sweep(stream.project_key, page.state))
        try:
            await _store_page(session, stream, page, asked_at)
            if following is None:
                return
            page, asked_at = await following, next_asked_at
        finally:
            if following is not None:
                following.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await following


async def _store_page(session: Session, stream: Stream, page: SweepPage, asked_at: datetime) -> None:
    stored = await store_fetched(session, page.fetched, observed_at=asked_at, backfill=True)
    now = session.app.clock()
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        await move_stream(
            tx, session.connection.id, stream.project_id, at=now, state=page.state, done=page.state is None
        )
        new = max(0, stored - page.repeated)
        await count_stored(tx, session.connection.id, stream.project_id, new, at=now)
        await show_progress(tx, session.connection.id)


async def _note_gap(session: Session, stream: Stream, error: JiraError) -> None:
    now = session.app.clock()
    gap = {"code": error.code, "detail": str(error), "at": rfc3339(now)}
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        await move_stream(tx, session.connection.id, stream.project_id, at=now, gap=gap, done=True)
        await show_progress(tx, session.connection.id)
