"""Puts the gateway together: settings in, a running service out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from api_gateway.app import App
from api_gateway.audit.inbound.assembly import AuditParts
from api_gateway.audit.store.tables import metadata
from api_gateway.domain.cursors import CursorSigner
from api_gateway.gate.inbound.assembly import GateParts
from api_gateway.inbound.docs import mount_assets
from api_gateway.inbound.openapi import install_openapi
from api_gateway.inbound.routers import ROUTERS
from api_gateway.outbound.body_cache import RedisBodyCache
from api_gateway.outbound.near_cache import NearBodyCache
from api_gateway.outbound.peers import HttpPeers, Peer
from api_gateway.outbound.redis_keys import RedisKeys
from api_gateway.settings import Settings
from common.clock import Clock, utc_now
from common.contracts.topics import Topic
from common.db.database import Database
from common.db.migrated import migrated
from common.messaging.broadcast import Broadcast
from common.web.app import create_service
from common.web.ended_sessions import REMEMBER, EndedSessionList
from common.web.health import Check
from common.web.serving import run as serve

SERVICE = "api-gateway"


def build(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """The app with all its parts; nothing is asked of them before it starts."""
    database = Database(settings.postgres, name=SERVICE)
    bodies = RedisBodyCache.connect(settings.redis)
    peers = HttpPeers(settings.peers)
    redis_keys = RedisKeys(settings.redis)
    gate = GateParts(settings.limits, settings.redis, database)
    ended = EndedSessionList()
    cursors = CursorSigner(settings.cursor_secret.get_secret_value().encode())
    app = App(database, NearBodyCache(bodies), peers, cursors, settings.internal, clock, redis_keys)

    audit = AuditParts(app, settings.kafka)
    access_events = Broadcast(settings.kafka, (Topic.ACCESS_EVENTS,), start_from=REMEMBER)

    async def hear_of_ended_sessions() -> None:
        async for received in access_events.messages():
            ended.note(received)

    async def kafka_is_connected() -> bool:
        return access_events.connected

    @asynccontextmanager
    async def own_parts() -> AsyncIterator[None]:
        yield
        await bodies.close()
        await redis_keys.close()
        await peers.close()

    web = create_service(
        SERVICE,
        settings,
        routers=ROUTERS,
        checks={
            "postgres": Check(database.is_reachable, essential=True),
            "migrations": Check(migrated(database, *metadata.sorted_tables), essential=True),
            "redis": Check(bodies.is_reachable),
            "kafka": Check(kafka_is_connected),
            **{peer.value: Check(partial(peers.is_reachable, peer)) for peer in Peer},
        },
        lifespan_parts=(database, gate.opened(), own_parts(), audit.write_the_rest()),
        background=(hear_of_ended_sessions, *audit.jobs),
        ended_sessions=ended,
    )
    web.state.app = app
    mount_assets(web)
    install_openapi(web)
    gate.put_around(web, settings.cors_origins)
    audit.put_around(web)
    return web


def run() -> None:
    """Serves until it is told to end."""
    settings = Settings()
    serve(build(settings), settings, service=SERVICE)
