"""A running system in; a tenant of its own with people, a mirror of the simulator and files out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from common.testing.system import Json, System
from surface.people import Person


@dataclass
class Tenant:
    """One organisation with an owner, made for these tests."""

    id: str
    slug: str
    owner: Person
    connection: str = ""
    people: dict[str, Person] = field(default_factory=dict)

    def close(self) -> None:
        for person in (self.owner, *self.people.values()):
            person.close()


def operator_of(system: System) -> Person:
    return Person(system.url, system.env["OPERATOR_EMAIL"], system.env["OPERATOR_PASSWORD"])


def make_tenant(system: System, operator: Person, name: str) -> Tenant:
    """A tenant whose owner can sign in at once; names are new in every run."""
    slug = f"{name}-{secrets.token_hex(4)}"
    password = f"{secrets.token_urlsafe(18)}-{slug[:2]}"
    owner = {"email": f"owner@{slug}.example.com", "name": f"Owner of {name}", "password": password}
    made = operator.ask("POST", "/tenants", json={"name": f"Tenant {name}", "slug": slug, "owner": owner})
    return Tenant(made["id"], slug, Person(system.url, owner["email"], password))


def add_person(tenant: Tenant, role: str) -> Person:
    """Another member, with a password of his own."""
    password = f"{secrets.token_urlsafe(18)}-x"
    email = f"{role}@{tenant.slug}.example.com"
    tenant.owner.ask("POST", "/users", json={"email": email, "name": f"A {role}", "role": role, "password": password})
    person = Person(tenant.owner.url, email, password)
    tenant.people[role] = person
    return person


def connection_body(system: System, projects: Sequence[str] | None) -> Json:
    """How the Data Center simulator is connected, whole or in part."""
    return {
        "name": "Our Jira",
        "base_url": system.env["SIM_DC_URL"],
        "deployment": "datacenter",
        "auth": {"method": "basic", "username": system.env["SIM_DC_USER"], "password": system.env["SIM_DC_PASSWORD"]},
        "scope": None if projects is None else {"projects": list(projects)},
    }


def connect(tenant: Tenant, body: Json) -> str:
    """The id of the new connection; its mirror is on the way."""
    tenant.connection = tenant.owner.ask("POST", "/connections", json=body)["id"]
    return tenant.connection


def wait_until_live(tenant: Tenant) -> None:
    tenant.owner.wait(f"/connections/{tenant.connection}/sync", lambda state: state["phase"] == "live", within=120)


def finished_export(person: Person, issues: Sequence[str]) -> str:
    """The id of an export that has its file."""
    made = person.ask("POST", "/exports", json={"source": {"issues": list(issues)}})["id"]
    person.wait(f"/exports/{made}", lambda state: state["status"] in {"finished", "finished_with_gaps"})
    return str(made)


def remove_tenant(operator: Person, tenant: Tenant) -> None:
    """Nothing of it polls the simulator for the tests that follow."""
    if tenant.connection:
        tenant.owner.call("DELETE", f"/api/v1/connections/{tenant.connection}")
    gone = operator.call("DELETE", f"/api/v1/tenants/{tenant.id}")
    tenant.close()
    assert gone.status_code in {httpx.codes.ACCEPTED, httpx.codes.NO_CONTENT}, gone.text
