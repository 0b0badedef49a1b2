"""Puts export-worker together: settings in, a running service out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
from fastapi import FastAPI
from faststream.kafka import KafkaRouter

from common.clock import Clock, utc_now
from common.contracts.topics import Topic
from common.db.database import Database
from common.db.migrated import migrated
from common.db.roles import relay
from common.messaging.kafka import build_broker, producer, start_patiently
from common.messaging.lag import watch_lag
from common.messaging.relay import Relay
from common.web.app import create_service
from common.web.health import Check
from common.web.serving import run as serve
from export_worker.app import App
from export_worker.inbound.consumers import subscribe_all
from export_worker.inbound.erasing import router as erasing_router
from export_worker.inbound.exports import router as exports_router
from export_worker.inbound.issue_pdf import router as issue_pdf_router
from export_worker.inbound.workers import run_sweeper, run_workers
from export_worker.outbound.attachments import HttpAttachments
from export_worker.outbound.object_storage import S3Storage
from export_worker.outbound.pdf import RenderLimits, RenderPool
from export_worker.settings import Settings
from export_worker.store.tables import metadata, outbox
from export_worker.usecases.start_export import CONSUMER

SERVICE = "export-worker"


def build(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """The service as an ASGI app; it starts also while every part is away."""
    database = Database(settings.postgres, name=SERVICE, outbox=outbox)
    client = httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(10, connect=3))
    pool = RenderPool(_limits(settings))
    app = App(
        db=database,
        storage=S3Storage(settings.s3),
        attachments=HttpAttachments(client, settings.peers.jira_sync_url, settings.internal),
        renderer=pool,
        clock=clock,
        settings=settings.exports,
    )
    events = Relay(database, settings.postgres, settings.kafka, role=relay("je_export"), schema="exports")
    consumer = _Consumer(settings, app)

    @asynccontextmanager
    async def own_parts() -> AsyncIterator[None]:
        web.state.app = app
        yield

    web = create_service(
        SERVICE,
        settings,
        routers=(exports_router, issue_pdf_router, erasing_router),
        checks={
            "postgres": Check(database.is_reachable, essential=True),
            "migrations": Check(migrated(database, *metadata.sorted_tables), essential=True),
            "storage": Check(app.storage.is_reachable),
            "kafka": Check(consumer.is_connected),
        },
        lifespan_parts=(database, client, pool, own_parts()),
        background=(
            events.run,
            consumer.run,
            _named("watch_lag", lambda: watch_lag(settings.kafka, Topic.EXPORT_REQUESTS, CONSUMER)),
            _named("run_workers", lambda: run_workers(app)),
            _named("run_sweeper", lambda: run_sweeper(app)),
        ),
    )
    return web


def _limits(settings: Settings) -> RenderLimits:
    exports = settings.exports
    return RenderLimits(processes=exports.workers, time=exports.render_timeout, memory_bytes=exports.render_memory)


def _named(name: str, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    job.__qualname__ = name
    return job


class _Consumer:
    """The Kafka consumers as a background job: waits for Kafka, works, and at the end finishes what is in hand."""

    def __init__(self, settings: Settings, app: App) -> None:
        self._settings = settings
        self._app = app
        self._connected: Callable[[], Awaitable[bool]] | None = None

    async def run(self) -> None:
        kafka = self._settings.kafka
        broker, sender, router = build_broker(kafka), producer(kafka), KafkaRouter()
        subscribe_all(router, self._app, kafka, sender)
        broker.include_router(router)
        self._connected = lambda: broker.ping(timeout=2)
        try:
            await start_patiently(sender, "dead letters of export-worker")
            await start_patiently(broker, "consumers of export-worker")
            await asyncio.Event().wait()
        finally:
            self._connected = None
            for part in (broker, sender):
                with suppress(Exception):
                    await part.stop()

    async def is_connected(self) -> bool:
        return self._connected is not None and await self._connected()


def run() -> None:
    settings = Settings()
    serve(build(settings), settings, service=SERVICE)
