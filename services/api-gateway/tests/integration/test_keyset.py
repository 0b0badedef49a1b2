"""Walking pages while the mirror changes: nothing twice, and nothing skipped whose place in the order stayed."""

import random
from datetime import timedelta

import pytest
from gateway_client import Gateway

from common.testing.mirror import START, MirrorSeed


@pytest.mark.parametrize("sort", ["-updated", "updated,key", "-priority", "due_date", "-summary,created", "-status"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_pages_show_each_issue_once_while_others_move(
    gateway: Gateway, mirror: MirrorSeed, sort: str, seed: int
) -> None:
    chance = random.Random(seed)
    jira = await mirror.jira()
    # Few different values, so that pages end in the middle of ties.
    for number in range(1, 61):
        await mirror.issue(
            jira,
            f"D-{number}",
            chance.choice(["alpha", "Beta", "gamma"]),
            priority=chance.choice(["High", "Low", None]),
            status=chance.choice(["To Do", "Done"]),
            due_date=chance.choice([None, START.date(), START.date() + timedelta(days=1)]),
            updated=START + timedelta(minutes=chance.randrange(5)),
        )
    client = gateway.as_tenant(mirror.tenant)
    moved: set[str] = set()
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/issues", sort=sort, limit=7, **cursor)).json()
        seen += [item["key"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        for key in chance.sample([f"D-{number}" for number in range(1, 61)], 3):
            moved.add(key)
            await mirror.connection.execute(
                "UPDATE jira.issues SET updated = updated + interval '1 hour', summary = 'zeta', status_fold = 'x', "
                "priority_rank = 1, due_date = NULL WHERE tenant_id = $1 AND key = $2",
                *(mirror.tenant, key),
            )
    unmoved = [f"D-{number}" for number in range(1, 61) if f"D-{number}" not in moved]
    assert [key for key in seen if key not in moved and seen.count(key) > 1] == []
    assert sorted(set(unmoved) - set(seen)) == []


async def test_two_connections_to_one_site_page_without_loss(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    other = await mirror.jira(account="other@example.com", site="https://elsewhere.example.com")
    for number in range(1, 8):
        for each in (jira, other):
            await mirror.issue(each, f"D-{number}", updated=START)
    items = await gateway.as_tenant(mirror.tenant).items("/issues", limit=3)
    assert len(items) == 14
    assert len({(item["id"], item["connection_id"]) for item in items}) == 14
