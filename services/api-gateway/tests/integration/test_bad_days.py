"""Parts that are really stopped: Redis away costs nothing but time, an ended session is out within seconds."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from gateway_client import Gateway, StartGateway
from pydantic import SecretStr

from common.contracts.access import SessionEndedV1
from common.contracts.events import cloud_event
from common.contracts.topics import Topic
from common.ids import new_id, public_id
from common.messaging.kafka import client_options, topic_name
from common.settings import KafkaSettings, RedisSettings
from common.testing.mirror import MirrorSeed
from stack.layout import RunDir
from stack.part.redis import Redis

PORT = 18290


@pytest.fixture
async def redis_process(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Redis of this test's own, which it may stop."""
    (tmp_path / "data").mkdir()
    program = Redis(RunDir(tmp_path), PORT)
    process = await asyncio.create_subprocess_exec(*program.prepare().command, stdout=asyncio.subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while await program.ask() is not None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_with_redis_stopped_everything_is_still_right_and_not_slow(
    start_gateway: StartGateway, mirror: MirrorSeed, redis_process: asyncio.subprocess.Process
) -> None:
    gateway: Gateway = await start_gateway(redis=RedisSettings(url=SecretStr(f"redis://127.0.0.1:{PORT}/0")))
    issue = await mirror.issue(await mirror.jira(), "D-1", detail={"description": {"format": "wiki", "raw": "*one*"}})
    await mirror.comment(issue, "*two*")
    client = gateway.as_tenant(mirror.tenant)
    cached = (await client.get("/issues/D-1", expand="comments")).json()
    assert (await client.get("/issues/D-1", expand="comments")).json() == cached
    redis_process.kill()
    await redis_process.wait()
    started = time.monotonic()
    for _ in range(20):
        assert (await client.get("/issues/D-1", expand="comments")).json() == cached
    assert time.monotonic() - started < 5
    state = (await gateway.client.get("/health/ready")).json()
    assert (state["status"], state["checks"]["redis"]) == ("degraded", "away")


async def test_a_hanging_redis_is_left_alone_after_its_first_timeout(
    start_gateway: StartGateway, mirror: MirrorSeed
) -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gateway: Gateway = await start_gateway(redis=RedisSettings(url=SecretStr(f"redis://127.0.0.1:{port}/0")))
    await mirror.issue(await mirror.jira(), "D-1", detail={"description": {"format": "wiki", "raw": "*one*"}})
    client = gateway.as_tenant(mirror.tenant)
    started = time.monotonic()
    for _ in range(10):
        assert (await client.get("/issues/D-1")).json()["description"]["text"] == "one"
    assert time.monotonic() - started < 2.5
    server.close()


async def test_an_ended_session_is_out_within_seconds(
    start_gateway: StartGateway, mirror: MirrorSeed, kafka_settings: KafkaSettings
) -> None:
    gateway: Gateway = await start_gateway(kafka=kafka_settings)
    session = new_id()
    client, other = gateway.as_tenant(mirror.tenant, session=session), gateway.as_tenant(mirror.tenant)
    assert (await client.get("/issues")).status_code == 200
    event = SessionEndedV1(
        user_id=public_id("usr", new_id()),
        session_id=public_id("ses", session),
        reason="logout",
        at=datetime.now(UTC),
    )
    envelope = cloud_event(event, tenant=mirror.tenant, time=datetime.now(UTC), traceparent=None)
    producer = AIOKafkaProducer(**client_options(kafka_settings))
    await producer.start()
    await producer.send_and_wait(topic_name(kafka_settings, Topic.ACCESS_EVENTS), orjson.dumps(envelope))
    await producer.stop()
    deadline = time.monotonic() + 15
    while (await client.get("/issues")).status_code != 401:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert (await other.get("/issues")).status_code == 200
