"""A broadcast reader: every node reads all partitions from a known moment and keeps no group offset."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from common.clock import Clock, utc_now
from common.contracts.events import Envelope
from common.contracts.topics import TOPICS, Topic
from common.messaging.kafka import client_options, start_patiently, topic_name
from common.settings import KafkaSettings
from common.telemetry.metrics import BROADCAST_DROPPED

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Received:
    """One message of a topic."""

    topic: Topic
    partition: int
    offset: int
    timestamp_ms: int
    raw: bytes
    envelope: Envelope


class Broadcast:
    """Iterate it for ever; after a lost connection it goes on where it was."""

    def __init__(
        self,
        settings: KafkaSettings,
        topics: tuple[Topic, ...],
        *,
        start_from: timedelta,
        with_last: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        """`with_last`: the last message of every partition comes too, however old, so that quiet feeds are known."""
        self._settings = settings
        self._topics = {topic_name(settings, topic): topic for topic in topics}
        self._start_from = start_from
        self._with_last = with_last
        self._clock = clock
        self._next: dict[TopicPartition, int] = {}
        self._targets: dict[TopicPartition, int] = {}
        #: Set when everything that stood in the topics at the start has been handed out.
        self.caught_up = asyncio.Event()
        #: Whether Kafka answered lately; for health checks.
        self.connected = False

    async def messages(self) -> AsyncIterator[Received]:
        """Hands out messages; in one partition in order, and none twice."""
        while True:
            consumer = AIOKafkaConsumer(**client_options(self._settings), group_id=None, enable_auto_commit=False)
            try:
                await start_patiently(consumer, "broadcast")
                await self._place(consumer)
                self.connected = True
                async for message in self._read(consumer):
                    yield message
            except (asyncio.CancelledError, GeneratorExit):
                raise
            except Exception as error:
                self.connected = False
                log.warning("broadcast_interrupted", error=type(error).__name__)
                await asyncio.sleep(0.5)
            finally:
                with suppress(Exception):
                    await asyncio.wait_for(consumer.stop(), 3)

    async def _place(self, consumer: AIOKafkaConsumer) -> None:
        wanted = [
            TopicPartition(name, number)
            for name, topic in self._topics.items()
            for number in range(TOPICS[topic].partitions)
        ]
        consumer.assign(wanted)
        ends = await consumer.end_offsets(wanted)
        begins = await consumer.beginning_offsets(wanted)
        since = int((self._clock() - self._start_from).timestamp() * 1000)
        by_time = await consumer.offsets_for_times(dict.fromkeys(wanted, since))
        for part in wanted:
            found = by_time.get(part)
            first = found.offset if found is not None else ends[part]
            if self._with_last:
                first = max(begins[part], min(first, ends[part] - 1))
            start = self._next.get(part, first)
            self._next[part] = start
            consumer.seek(part, start)
        if not self.caught_up.is_set():
            self._targets = {part: end for part, end in ends.items() if self._next[part] < end}
            self._look_whether_caught_up()

    async def _read(self, consumer: AIOKafkaConsumer) -> AsyncIterator[Received]:
        while True:
            batches = await consumer.getmany(timeout_ms=1_000)
            self.connected = bool(batches) or await self._answers(consumer)
            for part, messages in batches.items():
                for message in messages:
                    self._next[part] = message.offset + 1
                    received = self._parsed(part, message.offset, message.timestamp, message.value or b"")
                    if received is not None:
                        yield received
            self._look_whether_caught_up()

    async def _answers(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether the brokers answer: an idle poll looks the same with and without them."""
        try:
            async with asyncio.timeout(3):
                await consumer.end_offsets([next(iter(self._next))])
        except (TimeoutError, KafkaError):
            return False
        return True

    def _parsed(self, part: TopicPartition, offset: int, timestamp: int, raw: bytes) -> Received | None:
        topic = self._topics[part.topic]
        try:
            envelope = Envelope.model_validate_json(raw)
        except ValidationError:
            BROADCAST_DROPPED.labels(topic.value).inc()
            log.warning("broadcast_unreadable", topic=topic.value, partition=part.partition, offset=offset)
            return None
        return Received(topic, part.partition, offset, timestamp, raw, envelope)

    def _look_whether_caught_up(self) -> None:
        self._targets = {part: end for part, end in self._targets.items() if self._next[part] < end}
        if not self._targets:
            self.caught_up.set()
