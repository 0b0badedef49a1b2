"""The pytest plugin: no sockets in unit tests; real Postgres, Kafka, Redis and S3 for all others."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import redis
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from pytest_socket import disable_socket, enable_socket

from common.bootstrap import GROUP
from common.contracts.topics import TOPICS
from common.db.roles import SERVICE_ROLES
from common.messaging.kafka import client_options, ensure_topics, topic_name
from common.settings import KafkaSettings, RedisSettings, S3Settings
from common.testing import databases
from common.testing.containers import parts_in_containers
from common.testing.databases import TestDatabase, bootstrap_settings
from stack.parts import PartsEnv, start_parts
from stack.plan.options import read_options

RUN_DIR = Path(os.environ.get("JIRA_EXPORT_TEST_RUN", databases.ROOT / ".run" / "test"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Unit tests may open no socket (Unix ones are the event loop's)."""
    if "unit" in item.path.parts:
        disable_socket(allow_unix_socket=True)
    else:
        enable_socket()


@pytest.fixture(scope="session")
def parts() -> Iterator[PartsEnv]:
    """The running parts, started once for all workers; whoever started the run stops them (`make test` does)."""
    enable_socket()
    if os.environ.get("JIRA_EXPORT_TEST_PARTS") == "containers":
        with parts_in_containers(read_options(os.environ, {}, "compose")) as env:
            yield env
    else:
        yield start_parts(RUN_DIR / "parts")


@pytest.fixture(scope="session")
def worker(worker_id: str) -> str:
    """The name of this xdist worker, `main` without xdist."""
    return "main" if worker_id == "master" else worker_id


@pytest.fixture(scope="session")
def s3_settings(parts: PartsEnv, worker: str) -> S3Settings:
    """Object storage with a bucket of this worker's own."""
    return S3Settings(
        endpoint=parts.s3_endpoint,
        region=parts.s3_region,
        bucket=f"test-{worker}",
        access_key=SecretStr(parts.s3_access_key),
        secret_key=SecretStr(parts.s3_secret_key),
    )


@pytest.fixture(scope="session")
async def database_template(parts: PartsEnv, s3_settings: S3Settings) -> str:
    """The migrated template database."""
    steps = {point.name: point.load() for point in entry_points(group=GROUP)}
    ordered = {name: steps[name] for name in SERVICE_ROLES if name in steps}
    dsns = {name: TestDatabase(parts.postgres_dsn).dsn(name) for name in SERVICE_ROLES}
    kafka = KafkaSettings(bootstrap=parts.kafka_bootstrap)
    settings = bootstrap_settings(parts.postgres_dsn, dsns, kafka, s3_settings)
    return await databases.make_template(parts.postgres_dsn, RUN_DIR / "template.lock", ordered, settings)


@pytest.fixture
async def test_database(parts: PartsEnv, database_template: str) -> AsyncIterator[TestDatabase]:
    """A database for one test, with all schemas and every service's role."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    yield await databases.clone(parts.postgres_dsn, database_template, name)
    await databases.drop(parts.postgres_dsn, name)


@pytest.fixture(scope="module")
async def kafka_settings(parts: PartsEnv) -> AsyncIterator[KafkaSettings]:
    """Kafka with the topics of the catalogue under a prefix of this module's own; deleted afterwards."""
    settings = KafkaSettings(bootstrap=parts.kafka_bootstrap, topic_prefix=f"t{uuid.uuid4().hex[:8]}.")
    await ensure_topics(settings)
    yield settings
    admin: Any = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    names = [topic_name(settings, name) for topic in TOPICS for name in (topic.value, topic.dead)]
    await admin.delete_topics(names)
    await admin.close()


@pytest.fixture
def redis_settings(parts: PartsEnv, worker: str) -> RedisSettings:
    """Redis with a database of this worker's own, empty before each test."""
    number = 1 + (int(worker[2:]) if worker[2:].isdigit() else 0) % 15
    url = f"{parts.redis_url.rpartition('/')[0] if parts.redis_url.count('/') > 2 else parts.redis_url}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return RedisSettings(url=SecretStr(url))
