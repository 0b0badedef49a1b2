"""Streams an attachment from Jira for another service, with the connection's credentials."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from common.errors import NotFound
from common.ids import AttachmentId, ConnectionId, TenantId
from jira_sync.app import App
from jira_sync.domain.credentials import Credentials
from jira_sync.outbound.jira.attachments import attachment_stream
from jira_sync.store.attachments import find_attachment
from jira_sync.store.connections import get_connection
from jira_sync.store.secrets import get_secrets


@asynccontextmanager
async def stream_attachment(
    app: App,
    tenant: TenantId,
    place: tuple[ConnectionId | None, AttachmentId],
    asked: Mapping[str, str],
    *,
    thumbnail: bool,
) -> AsyncIterator[httpx.Response]:
    """Jira's answer with its bytes still to be read, by the credentials of the connection that the viewer sees.

    Whether he may have them was checked by the caller.
    """
    connection_id, attachment = place
    async with app.db.uow(tenant) as tx:
        found = await find_attachment(tx, attachment, connection_id)
        if found is None:
            raise NotFound
        connection = await get_connection(tx, found.connection)
        secrets = await get_secrets(tx, app.sealer, found.connection)
    url = found.thumbnail_url if thumbnail else found.content_url
    if not url:
        raise NotFound
    credentials = Credentials(connection.row["auth_method"], connection.account, secrets.credential)
    async with (
        app.opener.http(connection.base_url, credentials) as http,
        attachment_stream(http, url, asked) as answer,
    ):
        yield answer
