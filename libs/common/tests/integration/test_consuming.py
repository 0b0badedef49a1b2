"""Consumers on real Kafka: the sequence a, bad, c; redelivery; dead letters and their replay; halting."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker, KafkaRouter

from common.contracts.events import Envelope, cloud_event
from common.contracts.exports import ExportRequestedV1
from common.contracts.topics import Topic
from common.errors import NotFound, Unavailable
from common.ids import TenantId, new_id
from common.messaging.consuming import Delivery, RetryRule, subscribe
from common.messaging.dead_letters import list_dead_letters, replay_dead_letters
from common.messaging.kafka import build_broker, ensure_topics, producer, topic_name
from common.messaging.lag import measure_lag
from common.settings import KafkaSettings

TENANT = TenantId(new_id())
QUICK = RetryRule(attempts=3, first_pause=timedelta(milliseconds=10), halt_after=4)
Handle = Callable[[Envelope], Awaitable[None]]


def wire(export: str) -> bytes:
    event = ExportRequestedV1(export_id=export)
    return orjson.dumps(cloud_event(event, tenant=TENANT, time=datetime.now(UTC), traceparent=None))


@pytest.fixture
async def kafka(kafka_settings: KafkaSettings) -> KafkaSettings:
    settings = kafka_settings.model_copy(update={"topic_prefix": f"t{uuid.uuid4().hex[:8]}."})
    await ensure_topics(settings)
    return settings


@pytest.fixture
async def sender(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    made = producer(kafka)
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def consuming(
    kafka: KafkaSettings, sender: AIOKafkaProducer, handle: Handle, rule: RetryRule = QUICK
) -> AsyncIterator[Delivery]:
    router = KafkaRouter()
    delivery = subscribe(
        router, Topic.EXPORT_REQUESTS, group="export-worker", handler=handle, settings=kafka, sender=sender, rule=rule
    )
    broker: KafkaBroker = build_broker(kafka, graceful_timeout=0.5)
    broker.include_router(router)
    await broker.start()
    try:
        yield delivery
    finally:
        await broker.stop()


async def publish(sender: AIOKafkaProducer, kafka: KafkaSettings, *values: bytes) -> None:
    """All to one partition, so that their order holds."""
    name = topic_name(kafka, Topic.EXPORT_REQUESTS)
    for value in values:
        await sender.send_and_wait(name, value=value, partition=0, headers=[("x-request-id", b"req-1")])


async def until(condition: Callable[[], bool], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_bad_message_between_good_ones_is_retried_then_buried_and_nothing_is_lost(
    kafka: KafkaSettings, sender: AIOKafkaProducer
) -> None:
    seen: list[str] = []

    async def handle(envelope: Envelope) -> None:
        seen.append(envelope.data["export_id"])
        if envelope.data["export_id"] == "bad":
            raise RuntimeError("cannot")

    async with consuming(kafka, sender, handle):
        await publish(sender, kafka, wire("a"), wire("bad"), wire("c"))
        await until(lambda: "c" in seen)
        await until_lag_is_gone(kafka)
    assert seen == ["a", "bad", "bad", "bad", "c"]
    (letter,) = await list_dead_letters(kafka, Topic.EXPORT_REQUESTS)
    assert letter.about["reason"] == "RuntimeError"
    assert letter.about["attempts"] == 3
    assert ("x-request-id", b"req-1") in letter.headers


async def until_lag_is_gone(kafka: KafkaSettings) -> None:
    async with asyncio.timeout(20):
        while sum((await measure_lag(kafka, Topic.EXPORT_REQUESTS, "export-worker")).values()):
            await asyncio.sleep(0.1)


async def test_a_handler_that_was_stopped_in_the_middle_gets_the_message_again(
    kafka: KafkaSettings, sender: AIOKafkaProducer
) -> None:
    started = asyncio.Event()

    async def hangs(_envelope: Envelope) -> None:
        started.set()
        await asyncio.Event().wait()

    await publish(sender, kafka, wire("once"))
    router = KafkaRouter()
    subscribe(router, Topic.EXPORT_REQUESTS, group="export-worker", handler=hangs, settings=kafka, sender=sender)
    broker = build_broker(kafka, graceful_timeout=0.1)
    broker.include_router(router)
    await broker.start()
    await asyncio.wait_for(started.wait(), 20)
    await broker.stop()

    seen: list[str] = []

    async def works(envelope: Envelope) -> None:
        seen.append(envelope.data["export_id"])

    async with consuming(kafka, sender, works):
        await until(lambda: seen == ["once"])


async def test_unreadable_bytes_are_buried_at_once(kafka: KafkaSettings, sender: AIOKafkaProducer) -> None:
    seen: list[str] = []

    async def handle(envelope: Envelope) -> None:
        seen.append(envelope.data["export_id"])

    async with consuming(kafka, sender, handle):
        await publish(sender, kafka, b"\xff not json", wire("after"))
        await until(lambda: seen == ["after"])
    (letter,) = await list_dead_letters(kafka, Topic.EXPORT_REQUESTS)
    assert letter.value == b"\xff not json"
    assert letter.about["reason"] == "unreadable"


async def test_not_found_is_dropped_and_a_part_that_is_away_is_tried_again(
    kafka: KafkaSettings, sender: AIOKafkaProducer
) -> None:
    seen: list[str] = []

    async def handle(envelope: Envelope) -> None:
        seen.append(envelope.data["export_id"])
        if envelope.data["export_id"] == "gone":
            raise NotFound
        if len(seen) < 3:
            raise Unavailable

    async with consuming(kafka, sender, handle):
        await publish(sender, kafka, wire("gone"), wire("later"))
        await until(lambda: len(seen) == 3)
        await until_lag_is_gone(kafka)
    assert seen == ["gone", "later", "later"]
    assert await list_dead_letters(kafka, Topic.EXPORT_REQUESTS) == []


async def test_replayed_letters_are_handled_and_listed_no_more(kafka: KafkaSettings, sender: AIOKafkaProducer) -> None:
    seen: list[str] = []
    broken = True

    async def handle(envelope: Envelope) -> None:
        if broken:
            raise RuntimeError("not yet")
        seen.append(envelope.data["export_id"])

    async with consuming(kafka, sender, handle):
        await publish(sender, kafka, wire("x"), wire("y"))
        await until_lag_is_gone(kafka)
        broken = False
        assert len(await list_dead_letters(kafka, Topic.EXPORT_REQUESTS)) == 2
        assert await replay_dead_letters(kafka, Topic.EXPORT_REQUESTS) == 2
        await until(lambda: sorted(seen) == ["x", "y"])
    assert await list_dead_letters(kafka, Topic.EXPORT_REQUESTS) == []


async def test_when_everything_fails_the_consumer_stops_instead_of_emptying_the_topic(
    kafka: KafkaSettings, sender: AIOKafkaProducer
) -> None:
    async def fails(_envelope: Envelope) -> None:
        raise RuntimeError("always")

    async with consuming(kafka, sender, fails, RetryRule(1, timedelta(milliseconds=1), halt_after=3)) as delivery:
        await publish(sender, kafka, *(wire(str(number)) for number in range(10)))
        await until(lambda: delivery.halted)
        waiting = await measure_lag(kafka, Topic.EXPORT_REQUESTS, "export-worker")
    assert len(await list_dead_letters(kafka, Topic.EXPORT_REQUESTS)) == 2
    assert waiting[0] == 8


async def test_every_subscriber_acknowledges_by_hand(kafka: KafkaSettings, sender: AIOKafkaProducer) -> None:
    async def handle(_envelope: Envelope) -> None: ...

    router = KafkaRouter()
    subscribe(router, Topic.EXPORT_REQUESTS, group="g", handler=handle, settings=kafka, sender=sender)
    broker = build_broker(kafka)
    broker.include_router(router)
    policies: list[Any] = [subscriber.ack_policy.value for subscriber in broker.subscribers]
    assert policies == ["manual"]
