"""Puts the notifier together: settings come in, a running service goes out."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI

from common.db.database import Database
from common.db.origins import KnownOrigins
from common.messaging.broadcast import Broadcast
from common.web.app import create_service
from common.web.ended_sessions import REMEMBER, EndedSessionList
from common.web.health import Check
from common.web.serving import run as run_service
from notifier.app import App
from notifier.domain.audience import Audience
from notifier.domain.channels import Feed
from notifier.domain.connections import Connections
from notifier.domain.feed_line import FeedLine
from notifier.domain.grant_changes import GrantChanges
from notifier.domain.history import History
from notifier.domain.memberships import ChangedMemberships
from notifier.domain.ordering import Reorder
from notifier.domain.owners import KnownOwners
from notifier.domain.pace import Pace
from notifier.domain.session import Rules
from notifier.domain.wheel import Wheel
from notifier.inbound.jobs import follow_grants, keep_time, listen
from notifier.inbound.socket import router
from notifier.inbound.transport import socket_protocol
from notifier.settings import Settings
from notifier.usecases.make_publication import READ_TOPICS

SERVICE = "notifier"

#: How far apart a relay's messages can lie in time although their positions are neighbours (see `FeedLine.start`).
_SLACK = timedelta(minutes=1)


def build(settings: Settings) -> FastAPI:
    """The service as an ASGI app; its state is made when it starts."""
    broadcast = Broadcast(
        settings.kafka, READ_TOPICS, start_from=max(REMEMBER, settings.history_ttl + _SLACK), with_last=True
    )
    ended = EndedSessionList()

    @asynccontextmanager
    async def open_app() -> AsyncIterator[None]:
        db = await Database.open(settings.postgres, name=SERVICE)
        try:
            service.state.notifier = _app(settings, db, broadcast, ended)
            yield
        finally:
            await db.close()

    def node() -> App:
        app: App = service.state.notifier
        return app

    async def is_warm() -> bool:
        return node().is_warm

    async def has_kafka() -> bool:
        return broadcast.connected

    async def has_postgres() -> bool:
        return await node().db.is_reachable()

    service = create_service(
        SERVICE,
        settings,
        routers=[router],
        checks={
            "history": Check(is_warm, essential=True),
            "postgres": Check(has_postgres, essential=True),
            "kafka": Check(has_kafka),
        },
        lifespan_parts=[open_app()],
        background=[
            _job("listen", lambda: listen(node())),
            _job("keep_time", lambda: keep_time(node())),
            _job("follow_grants", lambda: follow_grants(node())),
        ],
        ended_sessions=ended,
    )
    return service


def _job(name: str, start: Any) -> Any:
    """A background job under a name that logs can show."""
    job = partial(start)
    job.__qualname__ = name  # type: ignore[attr-defined]
    return job


def _app(settings: Settings, db: Database, broadcast: Broadcast, ended: EndedSessionList) -> App:
    return App(
        settings=settings,
        db=db,
        broadcast=broadcast,
        origins=KnownOrigins(db, role="je_notifier_finder"),
        clock=time.time,
        rules=Rules(
            ping=settings.ping_seconds,
            pong=settings.pong_seconds,
            connect=settings.connect_seconds,
            grace=settings.token_grace_seconds,
            channels=settings.channels_per_client,
        ),
        audience=Audience(),
        connections=Connections(settings.connections_per_tenant),
        lines={feed: _line(feed, settings) for feed in (Feed.JIRA, Feed.EXPORTS)},
        ended=ended,
        memberships=ChangedMemberships(REMEMBER),
        grants=GrantChanges(),
        owners=KnownOwners(),
        wheel=Wheel(),
        pace=Pace(settings.connect_rate, settings.connect_burst),
    )


def _line(feed: Feed, settings: Settings) -> FeedLine:
    history = History(
        feed,
        keep_seconds=settings.history_ttl.total_seconds(),
        cap=settings.history_cap,
        max_bytes=settings.history_max_bytes,
    )
    patience = settings.gap_patience.total_seconds()
    return FeedLine(feed, history, Reorder(patience=patience), max_warm_bytes=2 * settings.history_max_bytes)


def socket_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn has to serve sockets: deflate costs four times the CPU, and our own ping replaces its ping."""
    return {
        "ws": socket_protocol(settings.drain.total_seconds()),
        "ws_max_size": settings.max_command_bytes,
        "ws_per_message_deflate": False,
        "ws_ping_interval": 0,
    }


def run() -> None:
    """The process."""
    settings = Settings()
    run_service(build(settings), settings, service=SERVICE, **socket_options(settings))
