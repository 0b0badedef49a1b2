"""Asks a Jira, for a person who waits, whether it is one and whom it takes the given credentials for."""

from dataclasses import dataclass

from jira_sync.app import App
from jira_sync.domain.credentials import Credentials
from jira_sync.outbound.jira.identity import server_info
from jira_sync.outbound.jira.interface import AccountInfo, ServerInfo
from jira_sync.outbound.jira.opening import jira_of


@dataclass(frozen=True)
class Acquaintance:
    """What Jira said about itself and about us."""

    server: ServerInfo
    account: AccountInfo


async def try_credentials(app: App, base_url: str, credentials: Credentials, deployment: str = "auto") -> Acquaintance:
    """Raises the error that tells what is wrong."""
    async with app.opener.http(base_url, credentials, limits=app.settings.jira.interactive_limits()) as http:
        server = await server_info(http)
        kind = server.deployment if deployment == "auto" else deployment
        account = await jira_of(kind, http).account()
    return Acquaintance(server, account)
