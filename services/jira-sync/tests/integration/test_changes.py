"""Changes in Jira reach the mirror and the feed: once, in order, by webhook or without."""

from collections import Counter
from typing import Any

import orjson
from sync_node import Mirror, Node, truth_of, until

from common.ids import TenantId
from jira_simulator.testing import RunningSimulator

HIT = "SELECT count(*) FROM jira_private.issue_search WHERE connection_id = $1 AND issue_id = $2"


async def live(node: Node, simulator: RunningSimulator, tenant: TenantId, **more: Any) -> Mirror:
    mirror = await node.connect(simulator, tenant, **more)
    await mirror.wait_for_phase("live")
    return mirror


async def wait_until_equal(mirror: Mirror, simulator: RunningSimulator, within: float = 30) -> None:
    async def same() -> bool:
        return await mirror.content() == truth_of(simulator)

    try:
        await until(same, within=within)
    except AssertionError:
        assert await mirror.content() == truth_of(simulator)


def events(rows: list[Any]) -> list[dict[str, Any]]:
    return [orjson.loads(row["event"]) for row in rows]


async def test_an_edit_arrives_by_webhook_and_names_what_changed(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant)
    assert (await mirror.state())["webhook_registered"]
    key = simulator.truth()[0]["key"]
    before = await mirror.issue(key)
    assert before is not None
    # Only the webhook can tell of it now.
    simulator.faults(rules=[{"path": "/search", "status": 503}])
    simulator.edit(key, fields={"summary": "Renamed while nobody polls"})

    async def arrived() -> bool:
        row = await mirror.issue(key)
        return row is not None and row["summary"] == "Renamed while nobody polls"

    await until(arrived, within=10)
    simulator.end_faults()
    after = await mirror.issue(key)
    assert after is not None
    assert after["revision"] == before["revision"] + 1
    assert after["issue_id"] == before["issue_id"]
    (changed,) = [event for event in events(await mirror.changes()) if event["type"] == "jira.issue.changed.v1"]
    assert changed["data"]["fields"] == ["summary"]
    assert changed["data"]["changes"][0]["to"] == "Renamed while nobody polls"
    assert changed["data"]["actor"]["name"]


async def test_without_any_webhook_the_poll_finds_everything(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    simulator.faults(webhooks={"lose": 1.0})
    mirror = await live(node, simulator, tenant)
    project = simulator.truth()[0]["key"].partition("-")[0]
    simulator.create(project, summary="A new issue", issuetype={"name": "Task"})
    simulator.edit(simulator.truth()[1]["key"], comment="A word about it")
    simulator.edit(simulator.truth()[2]["key"], fields={"labels": ["fresh", "Свежее"]})
    await wait_until_equal(mirror, simulator)


async def test_lost_doubled_and_reordered_webhooks_do_no_harm(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant)
    simulator.faults(seed=11, webhooks={"lose": 0.3, "double": 0.5, "delay_ms": [0, 400], "reorder": 0.5})
    keys = [entry["key"] for entry in simulator.truth()[:6]]
    for number in range(36):
        key = keys[number % len(keys)]
        if number % 3 == 2:
            simulator.edit(key, comment=f"Comment {number}")
        else:
            simulator.edit(key, fields={"summary": f"Summary {number}"})
    await wait_until_equal(mirror, simulator)

    told = Counter(
        (event["data"]["issue_id"], event["data"]["revision"], event["type"], event["data"].get("comment_id"))
        for event in events(await mirror.changes())
        if event["type"].startswith("jira.")
    )
    assert max(told.values()) == 1
    for row in await mirror.rows("SELECT issue_id, revision FROM jira.issues WHERE connection_id = $1"):
        told_of = await mirror.rows(
            "SELECT event FROM jira.changes WHERE connection_id = $1 AND kind = 'issue' AND issue_id = $2 ORDER BY seq",
            row["issue_id"],
        )
        revisions = [event["data"]["revision"] for event in events(told_of)]
        assert revisions == list(range(1, row["revision"] + 1))


async def test_a_lagging_index_loses_nothing(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    mirror = await live(node, cloud, tenant)
    cloud.faults(index_lag_ms=2500, webhooks={"lose": 1.0})
    for number, entry in enumerate(cloud.truth()[:8]):
        cloud.edit(entry["key"], fields={"summary": f"Seen late {number}"})
    await wait_until_equal(mirror, cloud)


async def test_a_deleted_issue_leaves_the_mirror_and_the_search(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant)
    key = simulator.truth()[3]["key"]
    before = await mirror.issue(key)
    assert before is not None
    assert (await mirror.row(HIT, before["issue_id"]))["count"] >= 1  # type: ignore[index]
    simulator.delete(key)

    async def gone() -> bool:
        row = await mirror.issue(key)
        return row is not None and row["deleted_at"] is not None

    await until(gone, within=15)
    assert (await mirror.row(HIT, before["issue_id"]))["count"] == 0  # type: ignore[index]
    (told,) = [event for event in events(await mirror.changes()) if event["type"] == "jira.issue.deleted.v1"]
    assert told["data"]["key"] == key
    await wait_until_equal(mirror, simulator)


async def test_a_moved_issue_keeps_its_identity_and_answers_to_its_old_key(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant)
    truth = simulator.truth()
    projects = sorted({entry["key"].partition("-")[0] for entry in truth})
    moved = next(entry for entry in truth if entry["key"].startswith(f"{projects[0]}-"))
    before = await mirror.issue(moved["key"])
    simulator.move(moved["key"], projects[1])

    async def arrived() -> Any:
        return await mirror.row(
            "SELECT * FROM jira.issues WHERE connection_id = $1 AND jira_id = $2 AND project_key = $3",
            int(moved["id"]),
            projects[1],
        )

    after = await until(arrived, within=15)
    assert before is not None
    assert after["issue_id"] == before["issue_id"]
    alias = await mirror.row("SELECT jira_id FROM jira.issue_keys WHERE connection_id = $1 AND key = $2", moved["key"])
    assert alias is not None
    assert alias["jira_id"] == int(moved["id"])
    # Sub-tasks move with their parent and have events of their own.
    feed = [event["data"] for event in events(await mirror.changes()) if event["type"] == "jira.issue.moved.v1"]
    (told,) = [data for data in feed if data["old_key"] == moved["key"]]
    assert told["key"] == after["key"]


async def test_an_issue_that_is_hidden_goes_and_comes_back_as_itself(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant, limited=True)
    assert not (await mirror.state())["webhook_registered"]
    rows = await mirror.rows("SELECT key, issue_id FROM jira.issues WHERE connection_id = $1 ORDER BY jira_id LIMIT 1")
    key, issue_id = rows[0]["key"], rows[0]["issue_id"]
    simulator.restrict(key, "Internal")
    # Nothing tells this account; asking for the issue by id does.
    await mirror.rows(
        "INSERT INTO jira_private.webhook_inbox (tenant_id, connection_id, identifier, received_at, body,"
        " next_attempt_at) SELECT tenant_id, connection_id, 'hint', now(), convert_to(format("
        '\'{"issue":{"id":"%s"}}\', jira_id), \'UTF8\'), now() FROM jira.issues WHERE connection_id = $1 AND key = $2',
        key,
    )

    async def hidden() -> bool:
        row = await mirror.issue(key)
        return row is not None and row["deleted_at"] is not None

    await until(hidden, within=15)
    simulator.restrict(key, None)

    async def back() -> bool:
        row = await mirror.issue(key)
        return row is not None and row["deleted_at"] is None

    await until(back, within=15)
    again = await mirror.issue(key)
    assert again is not None
    assert again["issue_id"] == issue_id


async def test_a_restricted_comment_stands_in_a_document_of_its_own_class(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, cloud, tenant)
    rows = await mirror.rows("SELECT DISTINCT visibility FROM jira.comments WHERE connection_id = $1")
    restricted = {row["visibility"] for row in rows} - {None}
    assert restricted
    documents = await mirror.rows("SELECT DISTINCT class FROM jira_private.issue_search WHERE connection_id = $1")
    assert {row["class"] for row in documents} == restricted | {""}


async def test_positions_are_dense_and_published_in_order(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, cloud, tenant)

    async def stamped() -> bool:
        return all(row["position"] is not None for row in await mirror.changes())

    await until(stamped)
    mine = [row["position"] for row in await mirror.changes()]
    assert mine == sorted(mine)
    # Entries of the platform about looks across tenants stand between them: dense is the feed as a whole.
    everybody = await mirror.rows("SELECT position FROM jira.changes WHERE $1::uuid IS NOT NULL ORDER BY position")
    positions = [row["position"] for row in everybody if row["position"] is not None]
    assert positions == list(range(positions[0], positions[0] + len(positions)))


async def test_a_deletion_that_nobody_told_of_is_found_when_a_sync_is_asked_for(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await live(node, simulator, tenant)
    simulator.faults(webhooks={"lose": 1.0})
    key = simulator.truth()[5]["key"]
    simulator.delete(key)
    answer = await node.call("POST", f"/connections/{mirror.id}/sync", tenant=tenant)
    assert answer.status_code == 202
    await wait_until_equal(mirror, simulator)
    row = await mirror.issue(key)
    assert row is not None
    assert row["deleted_at"] is not None
