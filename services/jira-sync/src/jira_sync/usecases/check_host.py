"""Whether the tenant's own settings let a connection lead to a host; the network's rules are checked elsewhere."""

from urllib.parse import urlsplit

from common.db.tenant_settings import settings_in
from common.db.unit_of_work import Tx
from jira_sync.domain.connection import HostNotAllowed


async def check_host(tx: Tx, base_url: str) -> None:
    settings = await settings_in(tx)
    host = urlsplit(base_url).hostname or ""
    if not settings.allows_jira_host(host):
        raise HostNotAllowed(extra={"host": host})
