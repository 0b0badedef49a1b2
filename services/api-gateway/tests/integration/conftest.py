"""A gateway in this process on real Postgres and Redis; its peers and Kafka are away unless a test gives some."""

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from api_gateway.gate.settings import GateSettings
from api_gateway.main import build
from api_gateway.settings import PeerSettings, Settings
from common.settings import HttpSettings, InternalSettings, KafkaSettings, RedisSettings, TokenSettings
from common.testing import databases
from common.testing.databases import TestDatabase
from common.testing.mirror import MirrorSeed
from common.web.tokens import TokenVerifier
from stack.parts import PartsEnv

sys.path.insert(0, str(Path(__file__).parent))

from gateway_client import NOWHERE, Gateway, StartGateway, jwks


@pytest.fixture(scope="session")
async def test_database(parts: PartsEnv, database_template: str) -> AsyncIterator[TestDatabase]:
    """One database for all of these tests: each has a tenant of its own, and nobody may see another's rows."""
    name = f"test_gateway_{uuid.uuid4().hex[:12]}"
    yield await databases.clone(parts.postgres_dsn, database_template, name)
    await databases.drop(parts.postgres_dsn, name)


@pytest.fixture
async def start_gateway(test_database: TestDatabase, redis_settings: RedisSettings) -> AsyncIterator[StartGateway]:
    """Starts a gateway; peers are away unless addresses are given."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> Gateway:
            settings = Settings(
                http=HttpSettings(port=0, internal_port=0),
                postgres=test_database.settings("api-gateway"),
                kafka=changes.pop("kafka", KafkaSettings(bootstrap="127.0.0.1:9")),
                redis=changes.pop("redis", redis_settings),
                tokens=TokenSettings(jwks_url=f"{NOWHERE}/jwks"),
                internal=InternalSettings(secret=SecretStr("s" * 40)),
                peers=PeerSettings(
                    **{"auth_url": NOWHERE, "jira_sync_url": NOWHERE, "export_worker_url": NOWHERE}
                    | changes.pop("peers", {})
                ),
                cursor_secret=SecretStr("c" * 40),
                limits=changes.pop("limits", GateSettings()),
                cors_origins=("https://app.example.com",),
            )
            web = build(settings, **changes)
            await stack.enter_async_context(LifespanManager(web, startup_timeout=30))
            keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=jwks())))
            verifier: TokenVerifier = web.state.verifier
            verifier._client = await stack.enter_async_context(keys)
            transport = httpx.ASGITransport(web, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://gateway.example.com")
            return Gateway(await stack.enter_async_context(client), web)

        yield start


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway whose peers and Kafka are away."""
    started: Gateway = await start_gateway()
    return started


@pytest.fixture
async def mirror(test_database: TestDatabase) -> AsyncIterator[MirrorSeed]:
    """A tenant with an empty mirror."""
    connection = await test_database.admin()
    yield MirrorSeed(connection)
    await connection.close()


@pytest.fixture
async def other_mirror(test_database: TestDatabase) -> AsyncIterator[MirrorSeed]:
    """Another tenant."""
    connection = await test_database.admin()
    yield MirrorSeed(connection)
    await connection.close()
