"""What a role may do: a role in, the closed set of scopes out."""

from enum import StrEnum


class Role(StrEnum):
    """What a member is in one tenant; a person may be something else in another."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


#: The role that a platform operator's token carries; it belongs to no tenant.
OPERATOR_ROLE = "operator"

_READS = frozenset({"issues:read", "exports:read", "connections:read", "users:read"})
_WORKS = _READS | {"issues:write", "exports:create"}
_RULES = _WORKS | {"connections:admin", "users:admin", "tenant:admin", "tokens:admin", "audit:read"}

_SCOPES: dict[Role, frozenset[str]] = {
    Role.VIEWER: _READS,
    Role.MEMBER: _WORKS,
    Role.ADMIN: _RULES,
    Role.OWNER: _RULES,
}

#: The operator sees the installation and no tenant's data.
OPERATOR_SCOPES = frozenset({"tenants:admin"})

#: Every scope that a route may ask for.
ALL_SCOPES = _RULES | OPERATOR_SCOPES


def scopes_of(role: Role) -> frozenset[str]:
    return _SCOPES[role]
