"""Puts jira-sync together: settings in, a running service out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from common.clock import Clock, utc_now
from common.crypto import Sealer
from common.db.data_keys import TenantSealer
from common.db.database import Database
from common.db.migrated import migrated
from common.messaging.probe import KafkaProbe
from common.messaging.relay import Relay
from common.web.app import create_service
from common.web.health import Check
from common.web.serving import run as serve
from jira_sync.app import App
from jira_sync.inbound.routers import ROUTERS
from jira_sync.outbound.jira.opening import JiraOpener
from jira_sync.settings import Settings
from jira_sync.store.across_tenants import RELAY_ROLE
from jira_sync.store.tables import changes, data_keys, idempotency, relay_state
from jira_sync.usecases.accept_webhook import KnownHooks
from jira_sync.usecases.keep_connections import keep_connections, watch_deliveries


def build(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    database = Database(settings.postgres, name="jira-sync", outbox=changes)
    opener = JiraOpener(settings.address_rules(), settings.jira.limits(), clock)
    app = App(settings, database, TenantSealer(Sealer(settings.crypto), data_keys), opener, clock)
    relay = Relay(database, settings.postgres, settings.kafka, role=RELAY_ROLE, schema="jira", feed="changes")

    async def sync() -> None:
        await keep_connections(app)

    async def watch() -> None:
        await watch_deliveries(app)

    @asynccontextmanager
    async def state() -> AsyncIterator[None]:
        web.state.app = app
        web.state.known_hooks = KnownHooks()
        yield

    web = create_service(
        "jira-sync",
        settings,
        routers=ROUTERS,
        checks={
            "postgres": Check(database.is_reachable, essential=True),
            "migrations": Check(migrated(database, data_keys, idempotency, relay_state), essential=True),
            "kafka": Check(KafkaProbe(settings.kafka).answers),
        },
        lifespan_parts=(database, state()),
        background=(relay.run, sync, watch),
    )
    return web


def run() -> None:
    settings = Settings()
    serve(build(settings), settings, service="jira-sync")
