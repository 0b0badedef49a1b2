"""Two tenants over the same Jira, for all tests of this folder."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from common.testing.system import Json, System

sys.path.insert(0, str(Path(__file__).parent))

from surface.operations import operations
from surface.tenants import (
    Tenant,
    add_person,
    connect,
    connection_body,
    make_tenant,
    operator_of,
    remove_tenant,
    wait_until_live,
)
from surface.things import Things
from two_tenants import SHARED_PROJECT, TwoTenants, enrich


def _richest(tenant: Tenant, project: str) -> str:
    """The id of an issue with a picture."""
    for item in tenant.owner.items(f"/issues?project={project}&limit=200"):
        files = tenant.owner.ask("GET", f"/issues/{item['id']}/attachments")["items"]
        if any(file["media_type"].startswith("image/") for file in files):
            return str(item["id"])
    raise AssertionError(f"no issue of {project} has a picture")


def _is_called(summary: str, issue: Json) -> bool:
    return bool(issue["summary"] == summary)


@pytest.fixture(scope="session")
def two_tenants(system: System) -> Iterator[TwoTenants]:
    """A mirrors all of the simulator and B one project; A's issue is of another one."""
    operator = operator_of(system)
    a, b = (make_tenant(system, operator, name) for name in ("alpha", "beta"))
    for tenant, projects in ((a, None), (b, [SHARED_PROJECT])):
        add_person(tenant, "viewer")
        connect(tenant, connection_body(system, projects))
    for tenant in (a, b):
        wait_until_live(tenant)
    simulator = system.simulator("datacenter")
    found = {}
    for tenant, project in ((a, "WEB"), (b, SHARED_PROJECT)):
        issue = tenant.owner.ask("GET", f"/issues/{_richest(tenant, project)}")
        word = f"zq{project.lower()}{issue['jira_id']}"
        enrich(simulator, issue["key"], word)
        tenant.owner.wait(f"/issues/{issue['id']}", partial(_is_called, f"{word} number 2"))
        found[tenant.slug] = tenant.owner.ask("GET", f"/issues/{issue['id']}")
    document = a.owner.call("GET", "/openapi.json").json()
    me = operator.ask("GET", "/me")
    operators = frozenset({me["id"], me["session_id"]})
    yield TwoTenants(Things(a, found[a.slug]), Things(b, found[b.slug]), operations(document), operators)
    for tenant in (a, b):
        remove_tenant(operator, tenant)
    operator.close()
