"""A running auth on real Postgres, Kafka and Redis, with the operator, tenant and owner that bootstrap made."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from auth.app import App
from auth.main import build
from auth.settings import KeySettings, Settings, SignInSettings, SmtpSettings
from common.settings import HttpSettings, InternalSettings, KafkaSettings, RedisSettings, TokenSettings
from common.testing.databases import TestDatabase, crypto_settings

sys.path.insert(0, str(Path(__file__).parent))

from mail_server import Mailbox, free_port, smtp_server

PASSWORD = "correct horse battery"
_OWNER = {"email": "owner@example.com", "password": "owner-password-123"}
_OPERATOR = {"email": "operator@example.com", "password": "operator-password-1"}


@dataclass
class MovableClock:
    """Real time plus what a test moved it on by."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, span: timedelta) -> None:
        self.ahead += span


@dataclass
class Client:
    """A client program: remembers its tokens."""

    http: httpx.AsyncClient
    signed: dict[str, Any] = field(default_factory=dict)

    async def login(self, email: str, password: str, **more: str) -> "Client":
        answer = await self.http.post("/api/v1/auth/login", json={"email": email, "password": password, **more})
        assert answer.status_code == 200, answer.text
        self.signed = answer.json()
        return self

    async def refresh(self, token: str | None = None) -> httpx.Response:
        body = {"refresh_token": token or self.signed["refresh_token"]}
        return await self.http.post("/api/v1/auth/refresh", json=body)

    async def call(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.signed['access_token']}"}
        return await self.http.request(method, f"/api/v1{path}", json=json, headers={**bearer, **headers})

    async def add(self, email: str, role: str = "member") -> dict[str, Any]:
        """A new member of the caller's tenant, who can sign in with `PASSWORD`."""
        answer = await self.call("POST", "/users", {"email": email, "role": role, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@dataclass
class Running:
    """The service and its insides."""

    web: Any
    http: httpx.AsyncClient
    clock: MovableClock
    settings: Settings
    tenant: Any = None
    owner_login: dict[str, str] = field(default_factory=lambda: dict(_OWNER))

    @property
    def app(self) -> App:
        app: App = self.web.state.app
        return app

    def client(self) -> Client:
        return Client(self.http)

    async def owner(self) -> Client:
        return await self.client().login(**_OWNER)

    async def operator(self) -> Client:
        return await self.client().login(**_OPERATOR)

    async def second_tenant(self, slug: str = "second", email: str = "boss@example.com") -> Client:
        """Another tenant, signed in as its owner."""
        body = {"name": "Second", "slug": slug, "owner": {"email": email, "password": PASSWORD}}
        answer = await (await self.operator()).call("POST", "/tenants", body)
        assert answer.status_code == 201, answer.text
        return await self.client().login(email, PASSWORD, tenant=slug)


def make_settings(database: TestDatabase, kafka: KafkaSettings, redis: RedisSettings, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "http": HttpSettings(port=18200, internal_port=18201),
        "postgres": database.settings("auth"),
        "kafka": kafka,
        "redis": redis,
        "tokens": TokenSettings(jwks_url="http://auth.test/.well-known/jwks.json"),
        "internal": InternalSettings(secret=SecretStr("internal-secret-of-the-tests-0123456789")),
        "crypto": crypto_settings(),
        "signing_keys": KeySettings(),
        "sign_in": SignInSettings(tries_per_account=5, tries_per_address=15),
    }
    return Settings(**{**values, **more})


async def running(settings: Settings) -> AsyncIterator[Running]:
    clock = MovableClock()
    web = build(settings, clock=clock)
    async with LifespanManager(web, startup_timeout=30, shutdown_timeout=30) as manager:
        transport = httpx.ASGITransport(manager.app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://auth.test") as http:
            yield Running(web, http, clock, settings)


@pytest.fixture
def settings(test_database: TestDatabase, kafka_settings: KafkaSettings, redis_settings: RedisSettings) -> Settings:
    return make_settings(test_database, kafka_settings, redis_settings)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server on a real socket."""
    async with smtp_server(Mailbox(free_port())) as box:
        yield box


@pytest.fixture
async def mailing(settings: Settings, mailbox: Mailbox) -> AsyncIterator[Running]:
    """Auth that sends its mails to `mailbox`."""
    smtp = SmtpSettings(host="127.0.0.1", port=mailbox.port, tls="none", look_every=timedelta(milliseconds=50))
    # A loaded machine must not make the service count by itself for a while, as it does when Redis is slow.
    patient = settings.redis.model_copy(update={"timeout": timedelta(seconds=10)})
    async for service in running(settings.model_copy(update={"smtp": smtp, "redis": patient})):
        yield service


@pytest.fixture
async def auth(settings: Settings) -> AsyncIterator[Running]:
    async for service in running(settings):
        yield service
