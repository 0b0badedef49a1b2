"""Reads under grants stay index reads: for who sees all, for who sees 3 of 40 projects, and for who sees nothing."""

from typing import Any

import asyncpg
import pytest
from gateway_client import Gateway

from common.db.reading import CompiledRead
from common.ids import ConnectionId, TenantId
from common.issues import listing
from common.issues.access import Access, ConnectionAccess
from common.issues.connected import LiveConnection
from common.issues.filtering import IssueFilter
from common.issues.ordering import DEFAULT_ORDER, SortKey
from common.testing.databases import TestDatabase
from common.testing.mirror import MirrorSeed

PROJECTS, OF_EACH = 40, 500
SEEN = frozenset({3, 17, 32})


@pytest.fixture
async def jira(mirror: MirrorSeed) -> ConnectionId:
    """A connection with many issues in forty projects, of which a viewer sees three."""
    name = await mirror.jira(granted=False)
    await mirror.many_issues(name, PROJECTS * OF_EACH)
    await mirror.connection.execute(
        "UPDATE jira.issues SET project_id = 1 + number % 40 WHERE tenant_id = $1", mirror.tenant
    )
    await mirror.connection.execute(
        "UPDATE jira_private.issue_search s SET project_id = i.project_id FROM jira.issues i"
        " WHERE i.tenant_id = $1 AND s.tenant_id = $1 AND s.issue_id = i.issue_id",
        mirror.tenant,
    )
    await mirror.connection.execute("VACUUM ANALYZE jira.issues")
    await mirror.connection.execute("VACUUM ANALYZE jira_private.issue_search")
    await mirror.grant(name, "project", "*", role="owner")
    for project in sorted(SEEN):
        await mirror.grant(name, "project", str(project), role="member")
    return name


def access_of(tenant: TenantId, jira: ConnectionId, *, whole: bool) -> Access:
    live = LiveConnection(jira, "https://jira.example.com", None, None)
    return Access(tenant, (ConnectionAccess(live, whole=whole, projects=frozenset() if whole else SEEN),))


async def plan_of(database: TestDatabase, access: Access, statement: CompiledRead, given: dict[str, Any]) -> str:
    """EXPLAIN as the gateway's own role, under row-level security."""
    reader = await asyncpg.connect(database.dsn("api-gateway"))
    try:
        async with reader.transaction():
            await reader.execute(f"SET LOCAL app.tenant = '{access.tenant}'")
            rows = await reader.fetch(
                f"EXPLAIN (ANALYZE, COSTS OFF) {statement.sql}", *statement.arguments(statement.only(given))
            )
    finally:
        await reader.close()
    return "\n".join(row[0] for row in rows)


async def test_pages_and_counts_read_indexes_whatever_is_granted(
    test_database: TestDatabase, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    for whole in (True, False):
        access = access_of(mirror.tenant, jira, whole=whole)
        where = IssueFilter(statuses=("To Do",))
        given = {**access.parameters(), **where.parameters(), "limit": 51}
        orders = (DEFAULT_ORDER, (SortKey("key"),), (SortKey("priority", descending=True),))
        asked = [(), where.asked()]
        pages = [listing._page(listing._Shape(each, access.reach, None, order)) for each in asked for order in orders]
        for page in pages:
            assert "Seq Scan on issues" not in await plan_of(test_database, access, page, given)
        count = await plan_of(test_database, access, listing._count(listing._Shape((), access.reach, None)), given)
        assert "Index Only Scan" in count
        assert "Seq Scan on issues" not in count


async def test_each_reach_finds_and_counts_what_it_sees(
    gateway: Gateway, mirror: MirrorSeed, jira: ConnectionId
) -> None:
    visible = {"owner": (20_000, 10_000, 40), "member": (1_500, 1_000, 0), "viewer": (0, 0, 0)}
    for role, numbers in visible.items():
        client = gateway.as_tenant(mirror.tenant, role=role)
        for params, number in zip(({}, {"q": "even"}, {"q": "rareword"}), numbers, strict=True):
            page = (await client.get("/issues", count="true", **params)).json()
            assert page["count"] == {"value": min(number, 10_000), "exact": number <= 10_000}, (role, params)
            assert len(page["items"]) == min(50, number)
