"""Removes a deleted connection: our webhook at Jira, as far as Jira lets us, then its rows in small batches."""

import structlog

from common.errors import AppError
from common.ids import public_id
from jira_sync.app import App
from jira_sync.domain.credentials import Credentials
from jira_sync.outbound.jira.webhooks import remove_webhook
from jira_sync.store.leases import SyncLease
from jira_sync.store.progress import get_cursor
from jira_sync.store.purging import get_deleted, purge_batch, tables_to_purge
from jira_sync.store.secrets import get_secrets

log = structlog.get_logger(__name__)

_BATCH = 2000


async def purge_connection(app: App, lease: SyncLease) -> None:
    """May be interrupted anywhere: the connection's own row goes last."""
    await _take_webhook_back(app, lease)
    removed = 0
    for table in tables_to_purge():
        while True:
            async with app.db.uow(lease.tenant) as tx:
                number = await purge_batch(tx, table, lease.connection, limit=_BATCH)
            removed += number
            if number < _BATCH:
                break
    log.info("connection_purged", connection=public_id("con", lease.connection), rows=removed)


async def _take_webhook_back(app: App, lease: SyncLease) -> None:
    """A Jira that is away keeps a registration that leads nowhere; it is not worth waiting for."""
    try:
        async with app.db.uow(lease.tenant) as tx:
            cursor = await get_cursor(tx, lease.connection)
            connection = await get_deleted(tx, lease.connection)
            if cursor.webhook_ref is None or connection is None:
                return
            secrets = await get_secrets(tx, app.sealer, lease.connection)
        credentials = Credentials(connection["auth_method"], connection["account"], secrets.credential)
        limits = app.settings.jira.interactive_limits()
        async with app.opener.http(connection["base_url"], credentials, limits=limits) as http:
            await remove_webhook(http, cursor.webhook_ref)
    except AppError as error:
        log.info("webhook_not_removed", connection=public_id("con", lease.connection), code=error.code)
