from datetime import date, timedelta

import pytest
from gateway_client import Gateway

from common.ids import public_id
from common.testing.mirror import START, MirrorSeed

FILTERS = [
    ({"status": "in progress"}, ["D-2"]),
    ({"status": ["Done", "to do"]}, ["D-3", "D-1"]),
    ({"status_category": "done"}, ["D-3"]),
    ({"type": "bug"}, ["D-2"]),
    ({"priority": "HIGH"}, ["D-1"]),
    ({"priority": "High", "status": "Done"}, []),
    ({"assignee": "none"}, ["D-3"]),
    ({"assignee": "bob"}, ["D-1"]),
    ({"assignee": ["bob", "none"]}, ["D-3", "D-1"]),
    ({"assignee": "me"}, ["D-2"]),
    ({"reporter": "nobody"}, []),
    ({"label": "Red"}, ["D-2", "D-1"]),
    ({"label": ["red", "blue"], "component": "core"}, ["D-1"]),
    ({"fix_version": "1.0"}, ["D-3"]),
    ({"project": "d"}, ["D-3", "D-2", "D-1"]),
    ({"project": "OLD"}, ["D-3", "D-2", "D-1"]),
    ({"project": "NOPE"}, []),
    ({"due_before": "2026-02-02"}, ["D-1"]),
    ({"updated_after": (START + timedelta(hours=2)).isoformat()}, ["D-3", "D-2"]),
    ({"updated_before": (START + timedelta(hours=2)).isoformat()}, ["D-1"]),
    ({"created_after": "2027-01-01"}, []),
    ({"sort": "key"}, ["D-1", "D-2", "D-3"]),
    ({"sort": "-key"}, ["D-3", "D-2", "D-1"]),
    ({"sort": "-priority,key"}, ["D-1", "D-2", "D-3"]),
    ({"sort": "priority,key"}, ["D-3", "D-2", "D-1"]),
    ({"sort": "due_date"}, ["D-1", "D-2", "D-3"]),
    ({"sort": "-due_date"}, ["D-3", "D-2", "D-1"]),
    ({"sort": "status,key"}, ["D-1", "D-2", "D-3"]),
    ({"sort": "summary"}, ["D-3", "D-1", "D-2"]),
]


@pytest.fixture
async def three(gateway: Gateway, mirror: MirrorSeed) -> Gateway:
    jira = await mirror.jira()
    await mirror.project(jira, "D", 1, old_keys=["OLD"])
    hour = timedelta(hours=1)
    await mirror.issue(
        jira,
        "D-1",
        "Bananas",
        priority="High",
        assignee="bob",
        labels=["Red"],
        components=["Core"],
        due_date=date(2026, 2, 1),
        updated=START + hour,
    )
    await mirror.issue(
        jira,
        "D-2",
        "cherries",
        status="In Progress",
        type="Bug",
        assignee="me-account",
        labels=["red", "blue"],
        due_date=date(2026, 3, 1),
        updated=START + 2 * hour,
    )
    await mirror.issue(
        jira, "D-3", "apples", status="Done", priority=None, fix_versions=["1.0"], updated=START + 3 * hour
    )
    return gateway.as_tenant(mirror.tenant)


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_every_filter_and_order_holds_over_any_page_size(three: Gateway, limit: int) -> None:
    for params, expected in FILTERS:
        assert await three.keys(**params, limit=limit) == expected, params


async def test_an_item_has_the_shape_of_the_public_surface(three: Gateway, mirror: MirrorSeed) -> None:
    answer = await three.get("/issues", limit=1, count="true")
    page = answer.json()
    item = page["items"][0]
    assert page["count"] == {"value": 3, "exact": True}
    assert item["id"].startswith("iss_")
    assert item["connection_id"].startswith("con_")
    assert item["status"] == {"name": "Done", "category": "done"}
    assert item["revision"] == 1
    assert item["priority"] is None
    assert answer.headers["x-data-as-of"] == "2026-01-01T12:00:00.000Z"
    assert answer.headers["age"] == "0"


async def test_fields_pick_names_and_custom_fields(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    points = {"id": "customfield_1", "name": "Story Points", "type": "number", "value": 5, "display": "5"}
    await mirror.issue(jira, "D-1", detail={"custom_fields": [points], "votes": 3})
    client = gateway.as_tenant(mirror.tenant)
    for fields in ("key,story points,votes", "key,customfield_1,votes"):
        item = (await client.get("/issues", fields=fields)).json()["items"][0]
        assert set(item) == {"id", "key", "votes", "custom_fields"}
        assert item["custom_fields"] == [points]
    item = (await client.get("/issues", fields="summary")).json()["items"][0]
    assert set(item) == {"id", "summary"}


async def test_only_asked_connections_are_listed_and_deleted_ones_are_gone(
    gateway: Gateway, mirror: MirrorSeed
) -> None:
    one, two = await mirror.jira(), await mirror.jira("https://two.example.com", complete_as_of=None)
    gone = await mirror.jira("https://gone.example.com", deleted_at=START)
    await mirror.issue(one, "A-1")
    await mirror.issue(two, "B-1")
    await mirror.issue(gone, "C-1")
    client = gateway.as_tenant(mirror.tenant)
    assert await client.keys(sort="key") == ["A-1", "B-1"]
    assert await client.keys(connection=public_id("con", one)) == ["A-1"]
    assert await client.keys(connection=public_id("con", gone)) == []
    assert "x-data-as-of" not in (await client.get("/issues")).headers


async def test_restricted_and_deleted_issues_and_hidden_parents_are_not_shown(
    gateway: Gateway, mirror: MirrorSeed
) -> None:
    jira = await mirror.jira()
    secret = await mirror.issue(jira, "S-1", "Secret plan", security_level_id="10")
    open_parent = await mirror.issue(jira, "P-1")
    await mirror.issue(jira, "C-1", parent_jira_id=secret.jira_id)
    await mirror.issue(jira, "C-2", parent_jira_id=open_parent.jira_id)
    await mirror.issue(jira, "T-1", deleted_at=START)
    client = gateway.as_tenant(mirror.tenant)
    items = {item["key"]: item for item in await client.items("/issues", count="true")}
    assert set(items) == {"P-1", "C-1", "C-2"}
    assert items["C-1"]["parent"] is None
    assert items["C-2"]["parent"] == {"key": "PARENT-1", "summary": "The parent"}
    assert (await client.get("/issues", q="secret", count="true")).json()["count"]["value"] == 0
    assert (await client.get("/issues/C-1")).json()["parent"] is None


async def test_unchanged_lists_are_304_until_something_changes(gateway: Gateway, mirror: MirrorSeed) -> None:
    jira = await mirror.jira()
    await mirror.issue(jira, "D-1")
    client = gateway.as_tenant(mirror.tenant)
    etag = (await client.get("/issues")).headers["etag"]
    assert (await client.get("/issues", headers={"If-None-Match": etag})).status_code == 304
    await mirror.issue(jira, "D-2")
    assert (await client.get("/issues", headers={"If-None-Match": etag})).status_code == 200
