"""Keeps our webhook registered at Jira: made anew when Jira lost it or when our own address changed."""

import structlog

from common.ids import ConnectionId, public_id
from jira_sync.app import App
from jira_sync.outbound.jira.webhooks import has_webhook, register_webhook
from jira_sync.store.connections import change_connection
from jira_sync.store.leases import assert_lease
from jira_sync.store.progress import get_cursor, move_cursor
from jira_sync.store.secrets import Secrets
from jira_sync.usecases.session import Session

log = structlog.get_logger(__name__)


def webhook_url(app: App, connection: ConnectionId) -> str:
    """Where Jira delivers to."""
    return f"{app.settings.public_url.rstrip('/')}/webhooks/jira/{public_id('con', connection)}"


async def keep_webhook(session: Session, secrets: Secrets) -> None:
    """Without the right to register, polls alone keep up."""
    connection = session.connection.id
    url = webhook_url(session.app, connection)
    async with session.app.db.uow(session.tenant) as tx:
        ref = (await get_cursor(tx, connection)).webhook_ref
    if ref is not None and await has_webhook(session.jira.http, ref=ref, url=url):
        return
    made = await register_webhook(session.jira.http, url=url, secret=secrets.webhook)
    if made is None:
        log.info("webhook_not_registered", connection=public_id("con", connection))
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        await move_cursor(tx, connection, webhook_ref=made)
        await change_connection(tx, connection, webhook_registered=made is not None, webhook_url=url)
