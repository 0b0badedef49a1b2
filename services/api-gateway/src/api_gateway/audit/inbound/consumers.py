"""The Kafka consumer of audit entries: waits for Kafka, and finishes what is in hand at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaRouter

from api_gateway.app import App
from api_gateway.audit.domain.entry import entry_of
from api_gateway.audit.usecases.keep_entry import ForeignEntry, keep_entry
from common.contracts import access, audit, exports, sync  # noqa: F401 - an event is known when its module is loaded
from common.contracts.audit import AuditRecorded
from common.contracts.events import Envelope
from common.contracts.topics import TOPICS, Topic
from common.messaging.consuming import Delivery, Handler, subscribe
from common.messaging.kafka import build_broker, producer, start_patiently
from common.messaging.lag import watch_lag
from common.settings import KafkaSettings

GROUP = "api-gateway"
#: Topics that carry entries among other facts.
CARRIERS = (Topic.ACCESS_EVENTS, Topic.SYNC_EVENTS, Topic.EXPORT_EVENTS)
_MARK = ".audit_recorded.v"


def handler_of(topic: Topic, app: App) -> Handler:
    """Takes the entries out of a topic; all else is passed over after one look at its type."""

    async def on_event(envelope: Envelope) -> None:
        if _MARK not in envelope.type:
            return
        event = envelope.event()
        if not isinstance(event, AuditRecorded):
            return
        if event.topic is not topic:
            raise ForeignEntry(detail="It came on a topic of another service.")
        await keep_entry(envelope.tenant, entry_of(event, TOPICS[topic].producer), app)

    return on_event


def subscribe_all(router: KafkaRouter, app: App, settings: KafkaSettings, sender: AIOKafkaProducer) -> list[Delivery]:
    """Declares the subscribers on a router."""
    return [
        subscribe(router, topic, group=GROUP, handler=handler_of(topic, app), settings=settings, sender=sender)
        for topic in CARRIERS
    ]


class AuditConsumer:
    """Runs until it is cancelled; the gateway starts and serves without it."""

    def __init__(self, settings: KafkaSettings, app: App) -> None:
        self._settings = settings
        self._app = app
        self._connected: Callable[[], Awaitable[bool]] | None = None

    async def run(self) -> None:
        broker, sender, router = build_broker(self._settings), producer(self._settings), KafkaRouter()
        subscribe_all(router, self._app, self._settings, sender)
        broker.include_router(router)
        self._connected = lambda: broker.ping(timeout=2)
        try:
            await start_patiently(sender, "dead letters of api-gateway")
            await start_patiently(broker, "consumers of api-gateway")
            await asyncio.Event().wait()
        finally:
            self._connected = None
            for part in (broker, sender):
                with suppress(Exception):
                    await part.stop()

    async def watch_lag(self) -> None:
        """Keeps the metrics of what waits in each topic fresh."""
        async with asyncio.TaskGroup() as watchers:
            for topic in CARRIERS:
                watchers.create_task(watch_lag(self._settings, topic, GROUP), name=f"lag of {topic}")

    async def is_connected(self) -> bool:
        """For health."""
        return self._connected is not None and await self._connected()
