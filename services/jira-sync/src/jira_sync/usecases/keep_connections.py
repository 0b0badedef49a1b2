"""Shares the connections among nodes: takes free leases, works under them, renews them, and hands them back."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from common.errors import AppError
from common.ids import ConnectionId, TenantId, public_id
from jira_sync.app import App
from jira_sync.metrics import CONNECTIONS
from jira_sync.store.connections import is_deleted, list_worked
from jira_sync.store.inbox import connections_with_waiting
from jira_sync.store.leases import LeaseLost, SyncLease, acquire_lease, list_held, release_lease, renew_lease
from jira_sync.usecases.purge_connection import purge_connection
from jira_sync.usecases.run_connection import run_connection

log = structlog.get_logger(__name__)

_LOOK_EVERY = 1.0
_HOOKS_EVERY = 0.2
_PAUSE_AFTER_CRASH = 2.0

Held = dict[ConnectionId, "asyncio.Task[None]"]


async def keep_connections(app: App) -> None:
    """Runs in every node until it is cancelled; leaving, it gives its leases back."""
    held: Held = {}
    try:
        while True:
            try:
                await _take_free(app, held)
            except AppError as error:
                log.warning("connections_not_listed", code=error.code)
            CONNECTIONS.set(len(held))
            with suppress(TimeoutError):
                await asyncio.wait_for(app.wakes.connections.wait(), _LOOK_EVERY)
            app.wakes.connections.clear()
    finally:
        for task in held.values():
            task.cancel()
        await asyncio.gather(*held.values(), return_exceptions=True)


async def watch_deliveries(app: App) -> None:
    """Wakes this node's workers for deliveries that another node accepted."""
    while True:
        with suppress(AppError):
            for connection in await connections_with_waiting(app.db, now=app.clock()):
                app.wakes.deliveries(connection).set()
        await asyncio.sleep(_HOOKS_EVERY)


async def _take_free(app: App, held: Held) -> None:
    for connection in [connection for connection, task in held.items() if task.done()]:
        del held[connection]
        app.wakes.forget(connection)
    worked = await list_worked(app.db)
    busy = await list_held(app.db) if worked else set()
    for tenant, connection in worked:
        if connection in held or connection in busy:
            continue
        async with app.db.uow(tenant) as tx:
            lease = await acquire_lease(tx, connection, app.node, app.settings.lease_life)
        if lease is not None:
            name = f"sync {public_id('con', connection)}"
            held[connection] = asyncio.create_task(_hold(app, lease), name=name)


async def _hold(app: App, lease: SyncLease) -> None:
    """Works under the lease; whatever ends the work, the lease goes back."""
    work = asyncio.create_task(_work(app, lease))
    renewal = asyncio.create_task(_renew(app, lease))
    try:
        await asyncio.wait({work, renewal}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (work, renewal):
            task.cancel()
        await asyncio.gather(work, renewal, return_exceptions=True)
        with suppress(Exception):
            async with app.db.uow(lease.tenant) as tx:
                await release_lease(tx, lease)


async def _work(app: App, lease: SyncLease) -> None:
    try:
        async with app.db.uow(lease.tenant) as tx:
            deleted = await is_deleted(tx, lease.connection)
        if deleted:
            await purge_connection(app, lease)
        else:
            await run_connection(app, lease)
    except asyncio.CancelledError:
        raise
    except LeaseLost:
        log.info("sync_lease_lost", connection=public_id("con", lease.connection))
    except AppError as error:
        log.warning("sync_interrupted", connection=public_id("con", lease.connection), code=error.code)
        await asyncio.sleep(_PAUSE_AFTER_CRASH)
    except Exception:
        log.exception("sync_crashed", connection=public_id("con", lease.connection))
        await asyncio.sleep(_PAUSE_AFTER_CRASH)


async def _renew(app: App, lease: SyncLease) -> None:
    """Ends when the lease is lost, or could not be renewed while it lasted."""
    life = app.settings.lease_life
    clock = asyncio.get_running_loop().time
    good_until = clock() + life.total_seconds()
    while clock() < good_until:
        await asyncio.sleep(life.total_seconds() / 4)
        with suppress(AppError):
            if not await _renewed(app, lease.tenant, lease, life):
                return
            good_until = clock() + life.total_seconds()


async def _renewed(app: App, tenant: TenantId, lease: SyncLease, life: timedelta) -> bool:
    async with app.db.uow(tenant) as tx:
        return await renew_lease(tx, lease, life)
