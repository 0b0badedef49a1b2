"""What a role or a user may see of a connection, given and taken by its owner."""

from common.testing.system import Json
from surface.tenants import Tenant


def grant(tenant: Tenant, subject_kind: str, subject: str, kind: str, value: str) -> str:
    """The id of the new grant, to a role by its name or to a user by his id."""
    body: Json = {"subject_kind": subject_kind, "subject": subject, "kind": kind, "value": value}
    return str(tenant.owner.ask("POST", f"/connections/{tenant.connection}/grants", json=body)["id"])


def withdraw(tenant: Tenant, grant_id: str) -> None:
    tenant.owner.ask("DELETE", f"/connections/{tenant.connection}/grants/{grant_id}")


def user_id(tenant: Tenant, email: str) -> str:
    return next(str(one["id"]) for one in tenant.owner.items("/users") if one["email"] == email)
