"""Works for one connection as long as the lease holds: connect, read everything once, then keep up with Jira."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from common.clock import rfc3339
from common.errors import AppError
from common.ids import public_id
from jira_sync.app import App
from jira_sync.domain.connection import WORKED, Connection
from jira_sync.domain.credentials import Credentials
from jira_sync.domain.pacing import phase_after_failure, rest_after_failure
from jira_sync.outbound.jira.identity import server_info
from jira_sync.store.connections import enter_phase, find_connection
from jira_sync.store.leases import LeaseLost, SyncLease, assert_lease
from jira_sync.store.progress import get_cursor, move_cursor
from jira_sync.store.secrets import Secrets, get_secrets
from jira_sync.usecases.backfill import backfill, is_whole
from jira_sync.usecases.keep_webhook import keep_webhook
from jira_sync.usecases.poll import poll
from jira_sync.usecases.refresh_lists import refresh_lists
from jira_sync.usecases.session import Session
from jira_sync.usecases.work_off_webhooks import work_off_webhooks

log = structlog.get_logger(__name__)


async def run_connection(app: App, lease: SyncLease) -> None:
    """Returns when there is nothing to do any more: paused, failed or deleted."""
    while True:
        async with app.db.uow(lease.tenant) as tx:
            connection = await find_connection(tx, lease.connection)
            if connection is None or connection.phase not in WORKED:
                return
            secrets = await get_secrets(tx, app.sealer, connection.id)
        await _session(app, lease, connection, secrets)


async def _session(app: App, lease: SyncLease, connection: Connection, secrets: Secrets) -> None:
    """One session lasts until somebody changes the connection."""
    method = connection.row["auth_method"]
    credentials = Credentials(method, connection.account, secrets.credential)
    try:
        async with app.opener.open(connection.base_url, credentials, connection.deployment) as jira:
            session = Session(app, connection, lease, jira)
            worker = asyncio.create_task(_cycles(session, secrets))
            hooks = asyncio.create_task(_hooks(session))
            try:
                await asyncio.wait({worker, hooks}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (worker, hooks):
                    task.cancel()
                results = await asyncio.gather(worker, hooks, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result
    except LeaseLost:
        raise
    except AppError as error:  # the address itself is forbidden, before any session could begin
        await _fail(app, lease, error)
        await asyncio.sleep(1)


async def _hooks(session: Session) -> None:
    """Deliveries are worked off also while the backfill runs, once the lists are there."""
    await session.prepared.wait()
    await work_off_webhooks(session)


async def _cycles(session: Session, secrets: Secrets) -> None:
    prepared = False
    while await _is_current(session):
        wake = session.app.wakes.cycle(session.connection.id)
        wake.clear()
        try:
            if not prepared:
                await _prepare(session)
                await keep_webhook(session, secrets)
                prepared = True
            await _cycle(session, secrets)
            rest = session.app.settings.poll_interval
        except LeaseLost:
            raise
        except AppError as error:
            rest = await _fail(session.app, session.lease, error)
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), rest.total_seconds())


async def _is_current(session: Session) -> bool:
    """False when the connection was changed, paused or deleted meanwhile."""
    async with session.app.db.uow(session.tenant) as tx:
        now = await find_connection(tx, session.connection.id)
    if now is None or now.phase not in WORKED:
        return False
    return bool(now.row["updated_at"] == session.connection.row["updated_at"])


async def _prepare(session: Session) -> None:
    """What a session needs before its first cycle: whom Jira takes us for, its clock, its lists."""
    server = await server_info(session.jira.http)
    session.skew = server.skew
    await session.jira.account()
    await refresh_lists(session)
    session.prepared.set()


async def _cycle(session: Session, secrets: Secrets) -> None:
    """Lists when they are due, what is left of the backfill, then one poll."""
    app, connection = session.app, session.connection.id
    started = app.clock()
    async with app.db.uow(session.tenant) as tx:
        cursor = await get_cursor(tx, connection)
        if cursor.sync_wanted:
            await move_cursor(tx, connection, sync_wanted=False)
    due = cursor.catalogue_at is None or started - cursor.catalogue_at > app.settings.lists_interval
    if due or session.lists_wanted or cursor.sync_wanted:
        await refresh_lists(session)
        await keep_webhook(session, secrets)
    if not await is_whole(session):
        await _begin_backfill(session, started, first=cursor.watermark is None)
        await backfill(session)
    await poll(session, deep=cursor.sync_wanted)
    await _enter(session, "live")


async def _begin_backfill(session: Session, started: datetime, *, first: bool) -> None:
    """What changes while the backfill runs is found by the polls after it: the watermark is set before it begins."""
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        cursor = await get_cursor(tx, session.connection.id)
        if cursor.watermark is None:
            await move_cursor(tx, session.connection.id, watermark=started)
        connection = await find_connection(tx, session.connection.id)
    # A project that is new to a live mirror does not make the rest less live.
    if first or connection is None or connection.complete_as_of is None:
        await _enter(session, "backfilling")


async def _enter(session: Session, phase: str) -> None:
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        connection = await find_connection(tx, session.connection.id)
        if connection is None or connection.phase not in WORKED:
            return
        await enter_phase(tx, session.connection.id, phase, at=session.app.clock())


async def _fail(app: App, lease: SyncLease, error: AppError) -> timedelta:
    """Notes the failure where users see it; how long to rest."""
    now = app.clock()
    async with app.db.uow(lease.tenant) as tx:
        await assert_lease(tx, lease)
        cursor = await get_cursor(tx, lease.connection)
        failures = cursor.failures + 1
        await move_cursor(tx, lease.connection, failures=failures)
        connection = await find_connection(tx, lease.connection)
        if connection is not None and connection.phase in WORKED:
            shown = {"code": error.code, "detail": str(error)[:500], "at": rfc3339(now)}
            phase = phase_after_failure(error.code, failures)
            await enter_phase(tx, lease.connection, phase, at=now, error=shown)
    log.warning("sync_failed", connection=public_id("con", lease.connection), code=error.code, failures=failures)
    return rest_after_failure(failures, asked=error.retry_after)
