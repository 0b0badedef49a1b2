"""A notifier on real Kafka and Postgres, a bus to speak on, rows of the mirror, and tokens of a key of our own."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from common.settings import KafkaSettings
from common.testing.databases import TestDatabase

sys.path.insert(0, str(Path(__file__).parent))

from notifier_bus import Bus
from notifier_mirror import Mirror
from notifier_node import Node, node_settings
from notifier_tokens import Mint


@pytest.fixture(scope="module")
async def bus(kafka_settings: KafkaSettings) -> AsyncIterator[Bus]:
    async with Bus(kafka_settings) as made:
        yield made


@pytest.fixture(scope="session")
async def mint() -> AsyncIterator[Mint]:
    async with Mint() as made:
        yield made


@pytest.fixture
async def mirror(test_database: TestDatabase) -> AsyncIterator[Mirror]:
    connection = await test_database.admin()
    yield await Mirror.make(connection)
    await connection.close()


@pytest.fixture
async def start_node(
    test_database: TestDatabase, kafka_settings: KafkaSettings, mint: Mint
) -> AsyncIterator[Callable[..., object]]:
    async with AsyncExitStack() as stack:

        async def start(**changes: object) -> Node:
            settings = node_settings(test_database, kafka_settings, mint.jwks_url, **changes)
            return await stack.enter_async_context(Node(settings))

        yield start


@pytest.fixture
async def node(start_node: Callable[..., object]) -> Node:
    return await start_node()  # type: ignore[no-any-return,misc]
