"""One node's work for one connection: the open Jira, the lease, and the lists that mapping needs."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from common.ids import TenantId
from jira_sync.app import App
from jira_sync.domain.connection import Connection
from jira_sync.domain.snapshot import Site, SiteLists
from jira_sync.outbound.jira.interface import Jira
from jira_sync.store.leases import SyncLease


@dataclass
class Session:
    """Lives as long as the lease, the credentials and the scope stay the same."""

    app: App
    connection: Connection
    lease: SyncLease
    jira: Jira
    lists: SiteLists = field(default_factory=SiteLists)
    lists_wanted: bool = False
    #: Set once Jira was met and the lists are there.
    prepared: asyncio.Event = field(default_factory=asyncio.Event)
    skew: timedelta = timedelta()  # Jira's clock less ours

    @property
    def tenant(self) -> TenantId:
        """Whose connection it is."""
        return self.connection.tenant

    @property
    def site(self) -> Site:
        """Under which ids its issues stand in the mirror."""
        return self.connection.site
