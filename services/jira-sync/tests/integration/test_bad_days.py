"""Jira goes away or storms, jira-sync is killed, two of them run: the mirror tells the truth and ends up equal."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from typing import Any

from sync_node import Mirror, Node, killable_node, running_node, truth_of, until

from common.ids import TenantId
from common.settings import KafkaSettings
from common.testing.databases import TestDatabase
from jira_simulator.testing import RunningSimulator, running_simulator


async def wait_until_equal(mirror: Mirror, simulator: RunningSimulator, within: float = 40) -> None:
    async def same() -> bool:
        return await mirror.content() == truth_of(simulator)

    try:
        await until(same, within=within)
    except AssertionError:
        assert await mirror.content() == truth_of(simulator)


async def test_while_jira_is_away_the_state_says_so_and_the_freshness_stays(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    simulator.faults(rules=[{"path": "/rest/", "reset": True}])
    away_from = datetime.now(UTC)
    degraded = await mirror.wait_for_phase("degraded")
    assert '"jira.unreachable"' in degraded["last_error"]
    assert degraded["complete_as_of"] <= away_from
    simulator.edit(simulator.truth()[0]["key"], fields={"summary": "Changed while it was away"})
    assert (await mirror.state())["complete_as_of"] == degraded["complete_as_of"]
    simulator.end_faults()
    back = await mirror.wait_for_phase("live")
    assert back["complete_as_of"] > degraded["complete_as_of"]
    assert back["last_error"] is None
    await wait_until_equal(mirror, simulator)


async def test_a_storm_of_429_with_retry_after_zero_is_ridden_out_politely(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    before = _calls(simulator)
    simulator.faults(rules=[{"path": "/rest/", "status": 429, "headers": {"Retry-After": "0"}}])
    await mirror.wait_for_phase("degraded")
    started = asyncio.get_running_loop().time()
    storm = _calls(simulator) - before
    # Five attempts a call with growing waits, then a rest of seconds: never a hammering.
    assert storm <= 12
    simulator.end_faults()
    await mirror.wait_for_phase("live")
    assert asyncio.get_running_loop().time() - started < 30


def _calls(simulator: RunningSimulator) -> int:
    stats = simulator.stats()
    return sum(int(entry["count"]) for entry in stats["requests"] if "/rest/" in entry["path"])


async def test_answers_that_are_cut_off_are_asked_for_in_halves(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    cloud.faults(rules=[{"path": "/issue/bulkfetch", "truncate": 3000, "times": 4}])
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    assert await mirror.content() == truth_of(cloud)
    later = "SELECT 1 FROM jira_private.webhook_inbox WHERE connection_id = $1 AND identifier LIKE 'retry:%'"
    assert await mirror.rows(later) == []


async def test_closed_bulk_doors_cost_only_time(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    cloud.faults(
        rules=[
            {"path": "/issue/bulkfetch", "status": 403},
            {"path": "/changelog/bulkfetch", "status": 404},
            {"path": "/users/search", "status": 403},
            {"path": "/webhooks/1.0/webhook", "status": 403},
        ]
    )
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    assert not (await mirror.state())["webhook_registered"]
    await wait_until_equal(mirror, cloud)


async def test_kill_in_the_middle_of_the_backfill_goes_on_where_it_was(
    test_database: TestDatabase, kafka_settings: KafkaSettings, tenant: TenantId
) -> None:
    with running_simulator("datacenter", issues=700, seed=5, latency_ms=60) as simulator:
        async with running_node(test_database, kafka_settings) as first:
            mirror = await first.connect(simulator, tenant)
            await first.call("PATCH", f"/connections/{mirror.id}", {"paused": True}, tenant=tenant)
        async with killable_node(test_database, kafka_settings) as killed:
            await mirror.rows("UPDATE jira.connections SET phase = 'connecting' WHERE connection_id = $1")

            async def halfway() -> bool:
                return bool((await mirror.state())["progress_done"] > 100)

            await until(halfway)
            assert killed.pid is not None
            os.kill(killed.pid, signal.SIGKILL)
        stored = {
            row["jira_id"] for row in await mirror.rows("SELECT jira_id FROM jira.issues WHERE connection_id = $1")
        }
        assert 100 < len(stored) < 700
        read_before = await mirror.rows("SELECT * FROM jira_private.sync_streams WHERE connection_id = $1")
        assert any(row["done"] or row["state"] for row in read_before)
        async with killable_node(test_database, kafka_settings):
            await mirror.wait_for_phase("live", within=90)
            assert await mirror.content() == truth_of(simulator)
        events = await mirror.changes("issue")
        assert len({row["issue_id"] for row in events}) == len(events) == len(truth_of(simulator))


LEASE = "SELECT owner, fence, expires_at > now() AS held FROM jira_private.sync_leases WHERE connection_id = $1"


async def test_two_nodes_share_a_connection_and_one_takes_over_from_the_other(
    test_database: TestDatabase, kafka_settings: KafkaSettings, cloud: RunningSimulator, tenant: TenantId
) -> None:
    async with running_node(test_database, kafka_settings) as survivor:
        assert survivor.app is not None
        mirror = await survivor.connect(cloud, tenant)
        await mirror.wait_for_phase("live")
        await survivor.call("PATCH", f"/connections/{mirror.id}", {"paused": True}, tenant=tenant)
        await until(lambda: _is_free(mirror))
        async with killable_node(test_database, kafka_settings) as other:
            # Whoever is quicker works; the test needs it to be the one that will be killed.
            survivor.app.wakes.connections.clear()
            await mirror.rows("UPDATE jira.connections SET phase = 'live' WHERE connection_id = $1")
            first = await until(lambda: _held(mirror))
            assert other.pid is not None
            os.kill(other.pid, signal.SIGKILL)

        async def taken_over() -> bool:
            row = await mirror.row(LEASE)
            return row is not None and row["held"] and row["owner"] == survivor.app.node  # type: ignore[union-attr]

        await until(taken_over, within=20)
        after = await mirror.row(LEASE)
        assert after is not None
        assert (after["fence"] > first["fence"]) or first["owner"] == survivor.app.node
        cloud.edit(cloud.truth()[0]["key"], fields={"summary": "After the takeover"})
        await wait_until_equal(mirror, cloud)
    created = [row for row in await mirror.changes("issue") if row["type"] == "jira.issue.created.v1"]
    assert len(created) == len({row["issue_id"] for row in created})


async def _held(mirror: Mirror) -> Any:
    row = await mirror.row(LEASE)
    return row if row is not None and row["held"] else None


async def _is_free(mirror: Mirror) -> bool:
    return await _held(mirror) is None
