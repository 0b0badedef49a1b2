"""The mirror ends up equal to Jira, whatever Jira truncates, loses, doubles, reorders or delays."""

import orjson
from sync_node import Mirror, Node, truth_of, until

from common.ids import TenantId
from jira_simulator.testing import RunningSimulator, running_simulator

SECOND_RUN = "SELECT sum(revision) AS revisions FROM jira.issues WHERE connection_id = $1"


async def equal(mirror: Mirror, simulator: RunningSimulator) -> bool:
    return await mirror.content() == truth_of(simulator)


async def wait_until_equal(mirror: Mirror, simulator: RunningSimulator, within: float = 30) -> None:
    async def same() -> bool:
        return await equal(mirror, simulator)

    try:
        await until(same, within=within)
    except AssertionError:
        assert await mirror.content() == truth_of(simulator)


async def test_backfill_makes_the_mirror_equal_to_jira(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    state = await mirror.wait_for_phase("live")

    assert await mirror.content() == truth_of(simulator)
    assert state["progress_done"] == len(truth_of(simulator))
    assert state["complete_as_of"] is not None
    created = [orjson.loads(row["event"]) for row in await mirror.changes("issue")]
    assert sorted(event["data"]["key"] for event in created) == sorted(
        entry["key"] for entry in truth_of(simulator).values()
    )
    phases = [orjson.loads(row["event"])["data"]["phase"] for row in await mirror.changes("connection")]
    assert phases == ["connecting", "backfilling", "live"]


async def test_lists_that_jira_cuts_short_are_read_to_their_end(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    truth = truth_of(simulator)
    assert max(len(entry["comments"]) for entry in truth.values()) > 100
    assert max(entry["history"] for entry in truth.values()) > 100
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    content = await mirror.content()
    assert {key: len(entry["comments"]) for key, entry in content.items()} == {
        key: len(entry["comments"]) for key, entry in truth.items()
    }
    assert sum(entry["history"] for entry in content.values()) == sum(entry["history"] for entry in truth.values())


async def test_second_backfill_over_a_full_mirror_changes_nothing(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    before = await mirror.row(SECOND_RUN)
    events = len(await mirror.changes("issue"))

    await mirror.rows("DELETE FROM jira_private.sync_streams WHERE connection_id = $1")
    answer = await node.call("POST", f"/connections/{mirror.id}/sync", tenant=tenant)
    assert answer.status_code == 202

    async def read_again() -> bool:
        streams = await mirror.rows("SELECT done FROM jira_private.sync_streams WHERE connection_id = $1")
        return bool(streams) and all(row["done"] for row in streams)

    await until(read_again)
    assert await mirror.row(SECOND_RUN) == before
    assert len(await mirror.changes("issue")) == events


async def test_lists_of_the_site_are_there(node: Node, simulator: RunningSimulator, tenant: TenantId) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    kinds = {row["kind"] for row in await mirror.rows("SELECT kind FROM jira.catalogue WHERE connection_id = $1")}
    assert kinds == {
        "field",
        "status",
        "priority",
        "resolution",
        "issue_type",
        "link_type",
        "version",
        "component",
    }
    projects = await mirror.rows("SELECT * FROM jira.projects WHERE connection_id = $1")
    assert len(projects) >= 4
    filled = await mirror.rows("SELECT DISTINCT project_id FROM jira.issues WHERE connection_id = $1")
    raised = {row["project_id"] for row in projects if row["generation"] > 0}
    assert raised == {row["project_id"] for row in filled}
    assert await mirror.rows("SELECT 1 FROM jira.users WHERE connection_id = $1 AND time_zone IS NOT NULL")


async def test_scope_limits_the_mirror_to_its_projects(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    key = simulator.truth()[0]["key"].partition("-")[0]
    mirror = await node.connect(simulator, tenant, scope={"projects": [key]})
    await mirror.wait_for_phase("live")
    wanted = {number: entry for number, entry in truth_of(simulator).items() if entry["key"].startswith(f"{key}-")}
    assert await mirror.content() == wanted


async def test_data_center_is_read_in_several_windows_at_once(node: Node, tenant: TenantId) -> None:
    with running_simulator("datacenter", issues=1700, seed=3) as simulator:
        mirror = await node.connect(simulator, tenant)
        state = await mirror.wait_for_phase("live", within=90)
        assert set(await mirror.content()) == set(truth_of(simulator))
        assert state["progress_done"] == state["progress_total"] == len(truth_of(simulator))
