"""What the use cases ask of any Jira; Cloud and Data Center answer it in their own ways."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from jira_sync.domain.polling import Seen
from jira_sync.domain.snapshot import RawIssue
from jira_sync.outbound.jira.http_jira import HttpJira

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class ServerInfo:
    """Which Jira it is."""

    deployment: str  # cloud | datacenter
    identity: str  # its own idea of its address: stays when a connection is made anew
    version: str | None
    skew: timedelta  # its clock less ours


@dataclass(frozen=True)
class AccountInfo:
    """Whom Jira takes us for."""

    account_id: str
    name: str
    time_zone: str | None


@dataclass(frozen=True)
class Fetched:
    """Issues asked for by id: what came, what Jira does not (let us) have, and what could not be read."""

    found: Sequence[RawIssue]
    missing: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SweepPage:
    """One step through a project: its issues and where to go on; no state = the end."""

    fetched: Fetched
    state: JsonObject | None
    total: int | None = None
    repeated: int = 0  # how many of the issues were on a page before


@dataclass(frozen=True)
class RawLists:
    """The small lists of a site as Jira gave them; a door that was closed is a gap."""

    fields: Sequence[JsonObject] = ()
    statuses: Sequence[JsonObject] = ()
    priorities: Sequence[JsonObject] = ()
    resolutions: Sequence[JsonObject] = ()
    issue_types: Sequence[JsonObject] = ()
    link_types: Sequence[JsonObject] = ()
    users: Sequence[JsonObject] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)


class Jira(Protocol):
    """One Jira as one account."""

    http: HttpJira
    deployment: str

    async def account(self) -> AccountInfo:
        """Who we are; raises `WrongCredentials` when Jira takes us for nobody."""

    async def projects(self) -> list[JsonObject]:
        """All projects that the account sees; each carries `state`."""

    async def project(self, project_id: int) -> JsonObject:
        """One project with its versions and components."""

    async def lists(self) -> RawLists:
        """The small lists of the site."""

    async def count(self, project_key: str) -> int | None:
        """About how many issues a project has; None when Jira does not say."""

    async def sweep(self, project_key: str, state: JsonObject | None) -> SweepPage:
        """The next step through all issues of a project; None begins."""

    async def ids(self, project_key: str) -> set[int]:
        """Every issue of a project that the index knows, by id."""

    async def fetch(self, ids: Collection[int]) -> Fetched:
        """Issues by numeric id, whole, as Jira has them now (not as its index has them)."""

    async def updated_since(self, since: datetime, project_keys: Sequence[str] | None) -> list[Seen]:
        """Ids and times of what changed, as far as the index knows."""
