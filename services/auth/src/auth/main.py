"""Puts auth together: settings in, a running service out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import httpx
import structlog
from fastapi import FastAPI

from auth.accounts.outbound.choosing import mailer_of
from auth.accounts.usecases.send_mails import send_mails
from auth.app import App
from auth.domain.signing_keys import Promote
from auth.erasing.outbound.erasers import HttpErasers
from auth.erasing.usecases.erase_tenants import erase_tenants
from auth.federation.outbound.clients import ProviderClients
from auth.inbound.routers import ROUTERS
from auth.outbound.key_ring import KeyRing
from auth.outbound.passwords import Argon2Passwords
from auth.outbound.throttle import Throttle
from auth.settings import Settings
from auth.store.tables import data_keys, outbox, refresh_families, signing_keys
from auth.usecases.end_sessions import expire_sessions
from auth.usecases.purge import purge
from auth.usecases.rotate_signing_keys import list_signing_keys, revoke_signing_key, rotate_signing_keys
from common.clock import Clock, utc_now
from common.crypto import Sealer
from common.db.data_keys import TenantSealer
from common.db.database import Database
from common.db.migrated import migrated
from common.db.roles import relay
from common.errors import AppError
from common.messaging.probe import KafkaProbe
from common.messaging.relay import Relay
from common.web.api_tokens import HttpExchange
from common.web.app import create_service
from common.web.health import Check
from common.web.serving import run as serve
from common.web.tokens import TokenVerifier

log = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[object]]

_PURGE_EVERY = 3600.0
_EXPIRE_EVERY = 60.0


def build(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    database = Database(settings.postgres, name="auth", outbox=outbox)
    passwords = Argon2Passwords(threads=settings.sign_in.hashing_threads, queue=settings.sign_in.hashing_queue)
    throttle = Throttle(settings.redis, settings.sign_in)
    providers = ProviderClients(settings)
    master = Sealer(settings.crypto)
    sealer = TenantSealer(master, data_keys)
    mailer = mailer_of(settings)
    erasers = HttpErasers(settings.peers, settings.internal)
    app = App(settings, database, clock, master, passwords, throttle, KeyRing(), providers, sealer, mailer, erasers)
    events = Relay(database, settings.postgres, settings.kafka, role=relay("je_auth"), schema="auth")

    @asynccontextmanager
    async def own_parts() -> AsyncIterator[None]:
        web.state.app = app
        # Auth verifies tokens by its own keys without going through the network to itself.
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web)) as itself:
            exchange = HttpExchange(settings.tokens, settings.internal, itself, service="auth")
            web.state.verifier = TokenVerifier(settings.tokens, itself, exchange=exchange)
            yield
        await providers.close()
        await erasers.close()
        await throttle.close()
        passwords.close()

    web = create_service(
        "auth",
        settings,
        routers=ROUTERS,
        checks={
            "postgres": Check(database.is_reachable, essential=True),
            "migrations": Check(migrated(database, data_keys, refresh_families, signing_keys), essential=True),
            "redis": Check(throttle.is_reachable),
            "kafka": Check(KafkaProbe(settings.kafka).answers),
        },
        lifespan_parts=(database, own_parts()),
        background=(events.run, *_jobs(app)),
    )
    return web


def _jobs(app: App) -> Sequence[Callable[[], Awaitable[None]]]:
    """What runs beside the doors, each in its own time."""
    settings = app.settings

    async def keep_keys_fresh() -> None:
        await _for_ever(lambda: rotate_signing_keys(app), settings.signing_keys.check_every.total_seconds())

    async def keep_tables_small() -> None:
        await _for_ever(lambda: purge(app), _PURGE_EVERY)

    async def end_silent_sessions() -> None:
        await _for_ever(lambda: expire_sessions(app), _EXPIRE_EVERY)

    async def delete_tenants() -> None:
        await _for_ever(lambda: erase_tenants(app), settings.erasing.check_every.total_seconds(), app.wake_eraser)

    async def keep_mails_going() -> None:
        await _for_ever(lambda: send_mails(app), settings.smtp.look_every.total_seconds())

    return keep_keys_fresh, keep_tables_small, end_silent_sessions, keep_mails_going, delete_tenants


async def _for_ever(job: Job, seconds: float, wake: asyncio.Event | None = None) -> None:
    """What a job cannot do now it does the next time; only a bug ends it."""
    while True:
        try:
            await job()
        except AppError as error:
            log.warning("job_postponed", code=error.code)
        with suppress(TimeoutError):
            await asyncio.wait_for((wake or asyncio.Event()).wait(), seconds)
        if wake is not None:
            wake.clear()


def run() -> None:
    settings = Settings()
    web = build(settings)
    serve(web, settings, service="auth")


async def rotate_now() -> str:
    """The command of an operator; says what was done, or why nothing was."""
    async with _without_doors("auth keys rotate") as app:
        steps = await rotate_signing_keys(app, at_once=True)
    if not any(isinstance(step, Promote) for step in steps):
        return "Not rotated: the next key has not been published for SIGNING_KEYS__SHOWN_BEFORE yet."
    done = (f"{type(step).__name__.lower()} {getattr(step, 'kid', '')}".strip() for step in steps)
    return f"Rotated: {', '.join(done)}"


async def revoke_now(kid: str) -> str:
    """The command after a leak: the key is gone, and the next one signs."""
    async with _without_doors("auth keys revoke") as app:
        if not await revoke_signing_key(app, kid):
            return f"There is no key {kid}."
    return f"Revoked: {kid}. Its tokens are refused within a minute; people go on by their refresh tokens."


async def list_now() -> str:
    """The ring, one key a line."""
    async with _without_doors("auth keys list") as app:
        return "\n".join(f"{life.kid} {life.state}" for life in await list_signing_keys(app))


@asynccontextmanager
async def _without_doors(name: str) -> AsyncIterator[App]:
    """The app of a command: its parts, and neither doors nor jobs."""
    settings = Settings()
    async with Database(settings.postgres, name=name, outbox=outbox) as database:
        throttle = Throttle(settings.redis, settings.sign_in)
        passwords = Argon2Passwords(threads=1, queue=1)
        providers = ProviderClients(settings)
        master = Sealer(settings.crypto)
        sealer = TenantSealer(master, data_keys)
        mailer, erasers = mailer_of(settings), HttpErasers(settings.peers, settings.internal)
        app = App(
            settings, database, utc_now, master, passwords, throttle, KeyRing(), providers, sealer, mailer, erasers
        )
        try:
            yield app
        finally:
            await providers.close()
            await erasers.close()
            await throttle.close()
            passwords.close()
