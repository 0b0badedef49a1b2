"""The Postgres roles and who may look across tenants; bootstrap makes them, a test compares them with the catalogue."""

from dataclasses import dataclass

#: Service → its login role. Roles are NOINHERIT: an extra right is used only after SET ROLE.
SERVICE_ROLES = {
    "auth": "je_auth",
    "api-gateway": "je_gateway",
    "jira-sync": "je_sync",
    "export-worker": "je_export",
    "notifier": "je_notifier",
}

#: Login role → the schemas that it writes, and nobody else does; they and their tables belong to `owner(login)`.
OWNED_SCHEMAS = {
    "je_auth": ("auth",),
    "je_gateway": ("gateway",),
    "je_sync": ("jira", "jira_private"),
    "je_export": ("exports",),
    "je_notifier": (),
}

#: Owns only the search table and its functions, so that they can read past row-level security (docs/adr/0004).
SEARCH_ROLE = "je_search"

#: Deletes entries of the audit log, and only what is older than the tenant's retention (docs/adr/0011).
AUDIT_KEEPER = "je_gateway_keeper"


@dataclass(frozen=True)
class AcrossTenants:
    """One role's right to see a table of all tenants, and why it needs it."""

    role: str
    table: str
    privileges: str
    reason: str


def finder(role: str) -> str:
    """The role with which a service looks for the tenant of something."""
    return f"{role}_finder"


def eraser(role: str) -> str:
    """The role with which a service deletes what a deleted tenant has left; it can change nothing."""
    return f"{role}_eraser"


def owner(role: str) -> str:
    """The role that owns a service's schemas and tables and can alter them; no service may set it, migrations do."""
    return f"{role}_owner"


def relay(role: str) -> str:
    """The role with which a service's relay reads its feed."""
    return f"{role}_relay"


#: Login role → the NOLOGIN roles that it may set; each is granted without inheritance.
SETTABLE_ROLES: dict[str, tuple[str, ...]] = {
    "je_auth": (finder("je_auth"), relay("je_auth"), eraser("je_auth")),
    "je_gateway": (finder("je_gateway"), AUDIT_KEEPER, eraser("je_gateway")),
    "je_sync": (finder("je_sync"), relay("je_sync"), eraser("je_sync")),
    "je_export": (finder("je_export"), relay("je_export"), eraser("je_export")),
    "je_notifier": (finder("je_notifier"),),
}
