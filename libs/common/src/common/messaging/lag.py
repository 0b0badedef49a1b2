"""Consumer lag: how many messages of each partition a group has not yet confirmed, as a metric."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from common.contracts.topics import TOPICS, Topic
from common.messaging.kafka import client_options, start_patiently, topic_name
from common.settings import KafkaSettings
from common.telemetry.metrics import CONSUMER_LAG

log = structlog.get_logger(__name__)

_EVERY = 15.0


def lags(ends: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, int]) -> dict[int, int]:
    """Partition → messages that wait; a partition without a committed offset waits from its beginning."""
    return {part.partition: max(0, end - max(0, committed.get(part, 0))) for part, end in ends.items()}


async def measure_lag(settings: KafkaSettings, topic: Topic, group: str) -> dict[int, int]:
    """Asks the brokers once."""
    name = topic_name(settings, topic)
    parts = [TopicPartition(name, number) for number in range(TOPICS[topic].partitions)]
    admin = AIOKafkaAdminClient(**client_options(settings))
    asker = AIOKafkaConsumer(**client_options(settings), group_id=None)
    try:
        await admin.start()
        await start_patiently(asker, "lag")
        ends = await asker.end_offsets(parts)
        known = await admin.list_consumer_group_offsets(f"{settings.topic_prefix}{group}")
        return lags(ends, {part: known[part].offset for part in parts if part in known})
    finally:
        for client in (admin.close, asker.stop):
            with suppress(Exception):
                await client()


async def watch_lag(settings: KafkaSettings, topic: Topic, group: str) -> None:
    """Keeps the metric fresh until it is cancelled."""
    while True:
        try:
            for partition, waiting in (await measure_lag(settings, topic, group)).items():
                CONSUMER_LAG.labels(topic.value, group, str(partition)).set(waiting)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.debug("lag_unknown", topic=topic.value, error=type(error).__name__)
        await asyncio.sleep(_EVERY)
