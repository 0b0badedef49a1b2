"""A connection's address and credentials come in, the Jira behind them comes out, opened and closed as a context."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from common.clock import Clock, utc_now
from common.network.addresses import AddressRules
from jira_sync.domain.credentials import Credentials
from jira_sync.outbound.jira.cloud import CloudJira
from jira_sync.outbound.jira.datacenter import DataCenterJira
from jira_sync.outbound.jira.http_jira import HttpJira, JiraLimits
from jira_sync.outbound.jira.interface import Jira


@dataclass(frozen=True)
class JiraOpener:
    """Opens Jiras by the operator's rules and limits."""

    rules: AddressRules
    limits: JiraLimits
    clock: Clock = utc_now

    @asynccontextmanager
    async def http(
        self, base_url: str, credentials: Credentials, *, limits: JiraLimits | None = None
    ) -> AsyncIterator[HttpJira]:
        """The bare client, for finding out what stands at an address."""
        http = HttpJira(base_url, credentials, self.rules, limits or self.limits, self.clock)
        try:
            yield http
        finally:
            await http.close()

    @asynccontextmanager
    async def open(self, base_url: str, credentials: Credentials, deployment: str) -> AsyncIterator[Jira]:
        """The Jira of a connection."""
        async with self.http(base_url, credentials) as http:
            yield jira_of(deployment, http)


def jira_of(deployment: str, http: HttpJira) -> Jira:
    """The personality that speaks with this deployment."""
    return CloudJira(http) if deployment == "cloud" else DataCenterJira(http)
