"""The feed and its relay on real Postgres and Kafka: nothing lost, nothing out of order, whoever leads."""

import asyncio
import random
import uuid
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy import select, text

from common.contracts.issues import IssueChangedV1
from common.contracts.topics import Topic
from common.db.sequencing import LeaseLost, Sequencer
from common.ids import TenantId, new_id, public_id
from common.messaging.kafka import client_options, ensure_topics, topic_name
from common.messaging.relay import Relay
from common.settings import KafkaSettings

TENANT = TenantId(new_id())
ROLE = "je_sync_relay"


def changed(issue: str, revision: int) -> IssueChangedV1:
    return IssueChangedV1(
        connection_id="con_x",
        issue_id=issue,
        key="A-1",
        project_key="A",
        project_id="1",
        revision=revision,
        at=datetime.now(UTC),
        fields=["summary"],
    )


async def write(probe: Any, issue: int, tenant: TenantId = TENANT) -> None:
    """One change as jira-sync makes it: lock the row, raise the revision, emit in the same transaction."""
    async with probe.db.uow(tenant) as tx:
        row = await tx.execute(tx.select(probe.things).where(probe.things.c.thing_id == issue).with_for_update())
        revision = int(row.one().name) + 1
        await tx.execute(tx.update(probe.things).where(probe.things.c.thing_id == issue).values(name=str(revision)))
        await tx.emit(changed(f"iss_{issue}", revision))
        await asyncio.sleep(random.random() / 100)


async def read_topic(settings: KafkaSettings, count: int, within: float = 30) -> list[Any]:
    consumer = AIOKafkaConsumer(
        topic_name(settings, Topic.JIRA_ISSUES), **client_options(settings), auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[Any] = []
    try:
        async with asyncio.timeout(within):
            while len(found) < count:
                for messages in (await consumer.getmany(timeout_ms=200)).values():
                    found += messages
    finally:
        await consumer.stop()
    return found


def make_relay(probe: Any, kafka: KafkaSettings) -> Relay:
    return Relay(probe.db, probe.database.settings("jira-sync"), kafka, role=ROLE, schema="probe", feed="changes")


async def sequencer(probe: Any) -> Sequencer:
    return await Sequencer.connect(probe.database.settings("jira-sync"), role=ROLE, schema="probe", feed="changes")


async def add_issues(probe: Any, count: int) -> None:
    async with probe.db.uow(TENANT) as tx:
        await tx.insert_all(probe.things, [{"thing_id": number, "name": "0"} for number in range(count)])


async def positions(probe: Any) -> list[tuple[int, str, int]]:
    async with probe.db.uow(TENANT) as tx:
        rows = await tx.execute(tx.select(probe.changes).order_by(probe.changes.c.position))
        return [(row.position, row.key, orjson.loads(row.event)["data"]["revision"]) for row in rows]


async def until(condition: Any, within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def fresh_kafka(kafka_settings: KafkaSettings) -> KafkaSettings:
    """Topics with nothing in them: a prefix of this test's own."""
    settings = kafka_settings.model_copy(update={"topic_prefix": f"t{uuid.uuid4().hex[:8]}."})
    await ensure_topics(settings)
    return settings


async def test_eight_writers_lose_nothing_and_keep_each_issue_in_order_across_a_takeover(
    probe: Any, fresh_kafka: KafkaSettings
) -> None:
    issues, rounds, writers = 10, 30, 8
    await add_issues(probe, issues)

    async def writer() -> None:
        for _ in range(rounds):
            await write(probe, random.randrange(issues))

    first = asyncio.create_task(make_relay(probe, fresh_kafka).run())
    second = asyncio.create_task(make_relay(probe, fresh_kafka).run())
    writing = asyncio.gather(*(writer() for _ in range(writers)))
    await asyncio.sleep(0.3)
    # The first one dies without giving its lease back: its owner is simply never heard of again.
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await writing
    total = writers * rounds

    async def all_stamped() -> bool:
        return all(row[0] is not None for row in await positions(probe)) and len(await positions(probe)) == total

    await until(all_stamped)
    messages = await read_topic(fresh_kafka, total)
    second.cancel()
    with suppress(asyncio.CancelledError):
        await second

    stamped = await positions(probe)
    assert [row[0] for row in stamped] == list(range(1, total + 1)), "positions are dense"
    by_issue: dict[str, list[int]] = defaultdict(list)
    for _, key, revision in stamped:
        by_issue[key].append(revision)
    assert all(revisions == list(range(1, len(revisions) + 1)) for revisions in by_issue.values())

    published: dict[bytes, list[int]] = defaultdict(list)
    for message in sorted(messages, key=lambda item: (item.partition, item.offset)):
        published[message.key].append(orjson.loads(message.value)["data"]["revision"])
    for name, revisions in published.items():
        assert sorted(set(revisions)) == list(range(1, max(revisions) + 1)), name
        firsts = list(dict.fromkeys(revisions))
        assert firsts == sorted(firsts), f"{name!r} was published out of order"


async def test_a_late_commit_of_an_early_number_is_not_passed_over(probe: Any) -> None:
    await add_issues(probe, 2)
    order = await sequencer(probe)
    lease = await order.acquire(timedelta(seconds=5))
    assert lease is not None
    async with probe.db.uow(TENANT) as early:
        await early.emit(changed("iss_0", 1))
        async with probe.db.uow(TENANT) as late:
            await late.emit(changed("iss_1", 1))
        assert await order.stamp(lease, 100) == 1
    assert await order.stamp(lease, 100) == 1
    assert sorted(row[0] for row in await positions(probe)) == [1, 2]
    await order.close()


async def test_a_fenced_off_sequencer_can_neither_stamp_nor_confirm(probe: Any) -> None:
    await add_issues(probe, 1)
    old, new = await sequencer(probe), await sequencer(probe)
    lost = await old.acquire(timedelta(milliseconds=1))
    assert lost is not None
    await asyncio.sleep(0.02)
    held = await new.acquire(timedelta(seconds=5))
    assert held is not None and held.fence > lost.fence
    await write(probe, 0)
    with pytest.raises(LeaseLost):
        await old.stamp(lost, 10)
    with pytest.raises(LeaseLost):
        await old.published(lost, 1)
    assert await new.stamp(held, 10) == 1
    assert await old.acquire(timedelta(seconds=5)) is None
    for one in (old, new):
        await one.close()


async def test_an_event_is_published_within_fifty_milliseconds_of_its_commit(
    probe: Any, fresh_kafka: KafkaSettings
) -> None:
    await add_issues(probe, 1)
    relay = asyncio.create_task(make_relay(probe, fresh_kafka).run())
    await write(probe, 0)
    await read_topic(fresh_kafka, 1)
    delays = []
    for _ in range(20):
        async with probe.db.uow(TENANT) as tx:
            await tx.emit(changed("iss_0", 1))
        start = asyncio.get_running_loop().time()

        async def done() -> bool:
            return all(row[0] is not None for row in await positions(probe))

        await until(done)
        delays.append(asyncio.get_running_loop().time() - start)
    relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay
    assert sorted(delays)[len(delays) // 2] < 0.05


async def test_positions_go_on_while_kafka_is_away_and_everything_is_published_later(
    probe: Any, fresh_kafka: KafkaSettings
) -> None:
    await add_issues(probe, 3)
    away = fresh_kafka.model_copy(update={"bootstrap": "127.0.0.1:9"})
    relay = asyncio.create_task(make_relay(probe, away).run())
    for number in range(9):
        await write(probe, number % 3)

    async def all_stamped() -> bool:
        return all(row[0] is not None for row in await positions(probe))

    await until(all_stamped)
    relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay
    relay = asyncio.create_task(make_relay(probe, fresh_kafka).run())
    found = await read_topic(fresh_kafka, 9)
    relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay
    assert sorted(orjson.loads(message.value)["position"] for message in found) == list(range(1, 10))
    assert {message.key.decode() for message in found} == {f"{public_id('ten', TENANT)}:iss_{n}" for n in range(3)}


async def test_a_rolled_back_transaction_leaves_no_event(probe: Any) -> None:
    with pytest.raises(RuntimeError):
        async with probe.db.uow(TENANT) as tx:
            await tx.emit(changed("iss_0", 1))
            raise RuntimeError
    assert await positions(probe) == []


async def test_published_events_are_forgotten_after_their_time_and_unpublished_ones_stay(probe: Any) -> None:
    await add_issues(probe, 1)
    order = await sequencer(probe)
    lease = await order.acquire(timedelta(seconds=5))
    assert lease is not None
    for _ in range(4):
        await write(probe, 0)
    await order.stamp(lease, 10)
    await order.published(lease, 2)
    assert await order.forget(2, timedelta(hours=1)) == 0
    assert await order.forget(2, timedelta(0)) == 2
    assert [row[0] for row in await positions(probe)] == [3, 4]
    await order.close()


async def test_the_relay_role_sees_the_feed_and_nothing_else(probe: Any) -> None:
    await add_issues(probe, 1)
    await write(probe, 0)
    async with probe.db.uow_for_all_tenants("test", role=ROLE) as tx:
        assert len((await tx.execute(select(probe.changes))).all()) == 1
    with pytest.raises(Exception, match="permission denied"):
        async with probe.db.uow_for_all_tenants("test", role=ROLE) as tx:
            # With a tenant set, the policy can be evaluated, and only the missing right is left to refuse.
            await tx.execute(text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(TENANT)})
            await tx.execute(select(probe.things))
    with pytest.raises(Exception, match="permission denied"):
        async with probe.db.uow_for_all_tenants("test", role="je_auth_finder") as tx:
            await tx.execute(text("SELECT 1"))
