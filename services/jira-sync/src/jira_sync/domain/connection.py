"""A connection of a tenant to a Jira, and the rules of its phases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.errors import AppError, ErrorKind, register_translations
from common.ids import ConnectionId, TenantId
from jira_sync.domain.snapshot import Site

#: Phases in which a node works for a connection.
WORKED = frozenset({"connecting", "backfilling", "live", "degraded"})


class ConnectionExists(AppError):
    """There is a connection to this Jira with this account already."""

    kind, code = ErrorKind.CONFLICT, "connection.exists"


class ConnectionNotFound(AppError):
    """There is no such connection."""

    kind, code = ErrorKind.NOT_FOUND, "connection.not_found"


class HostNotAllowed(AppError):
    """Your tenant's settings do not allow connections to this host."""

    kind, code = ErrorKind.UNPROCESSABLE, "jira.host_not_allowed"


register_translations({"jira.host_not_allowed": "Настройки вашей организации не разрешают подключения к этому узлу."})


@dataclass(frozen=True)
class Connection:
    """What the sync knows of a connection."""

    tenant: TenantId
    id: ConnectionId
    name: str
    base_url: str
    deployment: str
    identity: str
    auth_method: str
    account: str
    account_id: str | None
    scope_projects: tuple[str, ...] | None
    phase: str
    complete_as_of: datetime | None
    webhook_url: str | None
    webhook_registered: bool
    row: Any  # the whole row, for showing it

    @property
    def site(self) -> Site:
        """Under which ids its issues stand in the mirror."""
        return Site(self.tenant, self.id, self.identity, self.base_url)


def is_in_scope(key: str, scope: tuple[str, ...] | None) -> bool:
    """Whether a project is mirrored."""
    return scope is None or key in scope
