"""The relay: orders a service's committed events, then publishes them to Kafka in order of position."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import orjson
import structlog
from aiokafka import AIOKafkaProducer

from common.db.database import Database
from common.db.sequencing import Lease, LeaseLost, Sequencer, Waiting
from common.messaging.kafka import producer, start_patiently, stop_within, topic_name
from common.settings import KafkaSettings, PostgresSettings
from common.telemetry.metrics import RELAY_LEADER, RELAY_PUBLISHED, RELAY_UNPUBLISHED

log = structlog.get_logger(__name__)

_BATCH = 500
_LEASE = timedelta(seconds=6)
_RENEW_EVERY = 2.0
_SEND_TIMEOUT = 15.0
_CLEAN_EVERY = 300.0


class Relay:
    """Runs in every node of a service; the one that holds the lease works, the others wait for it."""

    def __init__(
        self,
        db: Database,
        postgres: PostgresSettings,
        kafka: KafkaSettings,
        *,
        role: str,
        schema: str,
        feed: str = "outbox",
        keep: timedelta = timedelta(days=7),
        poll: timedelta = timedelta(milliseconds=40),
    ) -> None:
        self._db = db
        self._postgres = postgres
        self._kafka = kafka
        self._role = role
        self._schema = schema
        self._feed = feed
        self._keep = keep
        self._poll = poll.total_seconds()
        self._name = f"{schema}.{feed}"

    async def run(self) -> None:
        """Works until it is cancelled; whatever breaks is tried again, since nothing is lost by waiting."""
        pause = 0.1
        while True:
            try:
                await self._session()
                pause = 0.1
            except asyncio.CancelledError:
                raise
            except LeaseLost:
                log.warning("relay_lease_lost", feed=self._name)
            except Exception as error:
                log.warning("relay_interrupted", feed=self._name, error=type(error).__name__, detail=str(error)[:200])
            RELAY_LEADER.labels(self._name).set(0)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _session(self) -> None:
        sequencer = await Sequencer.connect(self._postgres, role=self._role, schema=self._schema, feed=self._feed)
        sender: AIOKafkaProducer | None = None
        try:
            lease = await self._wait_for_lease(sequencer)
            RELAY_LEADER.labels(self._name).set(1)
            sender = producer(self._kafka)
            ready = asyncio.create_task(start_patiently(sender, f"relay {self._name}"))
            try:
                await self._lead(sequencer, lease, sender, ready)
            finally:
                ready.cancel()
                with suppress(asyncio.CancelledError):
                    await ready
        finally:
            with suppress(Exception):
                await asyncio.wait_for(sequencer.release(), 1)
            await sequencer.close()
            if sender is not None:
                await stop_within(sender, 3)

    async def _wait_for_lease(self, sequencer: Sequencer) -> Lease:
        while (lease := await sequencer.acquire(_LEASE)) is None:  # noqa: ASYNC110 - the lease is in Postgres
            await asyncio.sleep(_LEASE.total_seconds() / 4)
        return lease

    async def _lead(
        self, sequencer: Sequencer, lease: Lease, sender: AIOKafkaProducer, ready: "asyncio.Task[None]"
    ) -> None:
        """Stamps at once also while Kafka is away (readers of the feed need positions); publishes when it is there."""
        clock = asyncio.get_running_loop().time
        renewed, cleaned = clock(), clock()
        published = lease.published
        while True:
            if clock() - renewed > _RENEW_EVERY:
                if await sequencer.acquire(_LEASE) is None:
                    raise LeaseLost
                renewed = clock()
            stamped = await sequencer.stamp(lease, _BATCH) if await sequencer.has_unstamped() else 0
            batch = await sequencer.unpublished(published, _BATCH) if ready.done() else []
            RELAY_UNPUBLISHED.labels(self._name).set(len(batch))
            if batch:
                await self._publish(sender, batch)
                published = batch[-1].position
                await sequencer.published(lease, published)
                RELAY_PUBLISHED.labels(self._name).inc(len(batch))
            if clock() - cleaned > _CLEAN_EVERY:
                cleaned = clock()
                await sequencer.forget(published, self._keep)
            if not stamped and not batch:
                await self._rest()

    async def _rest(self) -> None:
        """Waits for a commit of this process, or for the next look at what other processes committed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._db.emitted.wait(), self._poll)
        self._db.emitted.clear()

    async def _publish(self, sender: AIOKafkaProducer, batch: Sequence[Waiting]) -> None:
        """Sends in order and waits for all confirmations; a failure ends the session, and the batch is sent again."""
        async with asyncio.timeout(_SEND_TIMEOUT):
            confirmations = [
                await sender.send(
                    topic_name(self._kafka, item.topic),
                    key=item.key.encode(),
                    value=with_position(item),
                    headers=[("content-type", b"application/cloudevents+json"), *_headers(item)],
                )
                for item in batch
            ]
            await asyncio.gather(*confirmations)


def with_position(item: Waiting) -> bytes:
    """The event as it is published: position and epoch in the envelope, the position in the data too."""
    envelope = orjson.loads(item.event)
    envelope["position"] = item.position
    envelope["epoch"] = item.epoch
    if "position" in envelope["data"]:
        envelope["data"]["position"] = item.position
    return orjson.dumps(envelope)


def _headers(item: Waiting) -> list[tuple[str, bytes]]:
    return [(name, str(value).encode()) for name, value in item.headers.items()]
