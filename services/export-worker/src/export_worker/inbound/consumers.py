"""Every Kafka consumer of export-worker."""

from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaRouter

from common.contracts.events import Envelope
from common.contracts.exports import ExportRequestedV1
from common.contracts.topics import Topic
from common.ids import ExportId, parse_id
from common.messaging.consuming import Delivery, subscribe
from common.settings import KafkaSettings
from export_worker.app import App
from export_worker.usecases.start_export import CONSUMER, start_export


def subscribe_all(router: KafkaRouter, app: App, settings: KafkaSettings, sender: AIOKafkaProducer) -> list[Delivery]:
    """Declares the subscribers on a router."""

    async def on_export_requested(envelope: Envelope) -> None:
        event = envelope.event()
        if isinstance(event, ExportRequestedV1):
            export = ExportId(parse_id("exp", event.export_id))
            await start_export(export, envelope.event_id, envelope.tenant, app)

    return [
        subscribe(
            router,
            Topic.EXPORT_REQUESTS,
            group=CONSUMER,
            handler=on_export_requested,
            settings=settings,
            sender=sender,
        )
    ]
