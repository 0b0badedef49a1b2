"""A tenant that may be broken: fuzzed requests of its owner and viewer change whatever they can."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.testing.system import System

sys.path.insert(0, str(Path(__file__).parent))

from surface.tenants import add_person, connect, connection_body, make_tenant, operator_of, remove_tenant
from surface.things import Things


@pytest.fixture(scope="session")
def fuzzed(system: System) -> Iterator[Things]:
    """A tenant with a mirror, a viewer, an issue and an export."""
    operator = operator_of(system)
    tenant = make_tenant(system, operator, "fuzzed")
    add_person(tenant, "viewer")
    connect(tenant, connection_body(system, ["CORE"]))
    tenant.owner.wait(f"/connections/{tenant.connection}/sync", lambda state: state["phase"] == "live", within=120)
    cards = tenant.owner.items("/issues?limit=200")
    files = (tenant.owner.ask("GET", f"/issues/{card['id']}?expand=attachments") for card in cards)
    yield Things(tenant, next(issue for issue in files if issue["attachments"]["items"]))
    remove_tenant(operator, tenant)
    operator.close()
