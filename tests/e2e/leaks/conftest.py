"""A tenant with a restricted issue, restricted comments and worklogs, and a project that most members may not see."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.testing.system import System

sys.path.insert(0, str(Path(__file__).parent))

from planting import HIDDEN_PROJECT, LEVEL, Planted, plant
from surface.grants import grant, user_id
from surface.operations import operations
from surface.tenants import (
    Tenant,
    add_person,
    connect,
    connection_body,
    finished_export,
    make_tenant,
    operator_of,
    remove_tenant,
    wait_until_live,
)
from surface.things import Things
from veil import Veil, hidden_of

#: See everything but the hidden project; and none of them any level or class.
VEILED = ("viewer", "member")


def _grant_most(tenant: Tenant) -> None:
    projects = tenant.owner.items(f"/connections/{tenant.connection}/projects?limit=200")
    for role in VEILED:
        for project in projects:
            if project["key"] != HIDDEN_PROJECT:
                grant(tenant, "role", role, "project", str(project["id"]))


def _let_owner_see(tenant: Tenant) -> None:
    """Levels and classes only ever by name."""
    owner = user_id(tenant, tenant.owner.email)
    levels = tenant.owner.ask("GET", f"/connections/{tenant.connection}/security-levels")["items"]
    grant(tenant, "user", owner, "level", next(level["id"] for level in levels if level["name"] == LEVEL))
    grant(tenant, "user", owner, "class", "role:Administrators")


def _seen(tenant: Tenant, planted: Planted) -> list[Things]:
    return [Things(tenant, tenant.owner.ask("GET", f"/issues/{key}")) for key in planted.seen_keys]


@pytest.fixture(scope="session")
def planted(system: System) -> Planted:
    return plant(system)


@pytest.fixture(scope="session")
def veil(system: System, planted: Planted) -> Iterator[Veil]:
    operator = operator_of(system)
    tenant = make_tenant(system, operator, "veiled")
    for role in (*VEILED, "admin"):
        add_person(tenant, role)
    connect(tenant, connection_body(system, None))
    wait_until_live(tenant)
    _let_owner_see(tenant)
    _grant_most(tenant)
    hidden = hidden_of(tenant, planted)
    hidden["export"] = [finished_export(tenant.owner, [planted.restricted, planted.elsewhere])]
    document = tenant.owner.call("GET", "/openapi.json").json()
    yield Veil(tenant, planted, operations(document), _seen(tenant, planted), hidden)
    remove_tenant(operator, tenant)
    operator.close()
