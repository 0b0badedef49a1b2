import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import obstore
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from obstore.store import S3Store
from redis.asyncio import Redis

from stack.errors import StackError
from stack.layout import RunDir
from stack.parts import PartsEnv, part_pid, start_part, start_parts, stop_part, stop_parts, wait_for_part
from stack.plan.services import ready_question
from stack.ports import first_free_base, is_free
from stack.process.leftovers import find_leftovers
from stack.process.readiness import wait_until_ready
from stack.process.running import PART_NAMES
from stack.process.supervision import Supervisor


@dataclass(frozen=True)
class Started:
    run_dir: Path
    base: int
    env: PartsEnv

    def pids(self):
        return {name: part_pid(self.run_dir, name) for name in PART_NAMES}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    # The folder of pytest is closed to others, so that Postgres, which root lends away, has to live elsewhere.
    run_dir = tmp_path_factory.mktemp("run")
    base = first_free_base(28000)
    yield Started(run_dir, base, start_parts(run_dir, base))
    stop_parts(run_dir)


async def test_each_part_does_its_work(parts):
    connection = await asyncpg.connect(parts.env.postgres_dsn)
    assert await connection.fetchval("SELECT lower('ПРИВЕТ')") == "привет"
    await connection.close()
    async with Redis.from_url(parts.env.redis_url) as redis:
        assert await redis.set("a", "b")
    await produce(parts, "first", b"one")
    assert await consume(parts, "first", 1) == [b"one"]
    async with httpx.AsyncClient(trust_env=False) as anonymous:
        assert (await anonymous.put(f"{parts.env.s3_endpoint}/bucket")).status_code == 403


async def produce(parts, topic, value):
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.env.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=parts.env.kafka_bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def consume(parts, topic, count):
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=parts.env.kafka_bootstrap, auto_offset_reset="earliest", group_id=None
    ) as consumer:
        return [(await consumer.getone()).value for _ in range(count)]


def test_a_second_start_changes_nothing(parts):
    before = parts.pids()
    assert start_parts(parts.run_dir, parts.base) == parts.env
    assert start_parts(parts.run_dir) == parts.env
    assert parts.pids() == before


async def test_a_killed_part_comes_back_under_a_new_pid_with_its_data(parts):
    connection = await asyncpg.connect(parts.env.postgres_dsn)
    await connection.execute("CREATE TABLE kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ('here')")
    await connection.close()
    await produce(parts, "killed", b"kept")
    before = parts.pids()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    await until_new_pids(parts, before)
    for name in PART_NAMES:
        wait_for_part(parts.run_dir, name)
    connection = await asyncpg.connect(parts.env.postgres_dsn)
    assert await connection.fetchval("SELECT word FROM kept") == "here"
    await connection.close()
    assert await consume(parts, "killed", 1) == [b"kept"]


async def until_new_pids(parts, before):
    async def ask():
        same = [name for name, pid in parts.pids().items() if pid == before[name]]
        return f"{same} have their old pids" if same else None

    await wait_until_ready(RunDir(parts.run_dir), {"pids": ask}, 20)


async def test_a_part_that_was_stopped_stays_away_until_it_is_started(parts):
    stop_part(parts.run_dir, "redis")
    assert is_free(parts.base + 33)
    assert not (parts.run_dir / "pids" / "redis").exists()
    start_part(parts.run_dir, "redis")
    async with Redis.from_url(parts.env.redis_url) as redis:
        assert await redis.ping()


def test_what_a_killed_supervisor_left_is_cleared_away_by_the_next_start(parts):
    orphans = parts.pids()
    os.kill(Supervisor(RunDir(parts.run_dir)).pid(), signal.SIGKILL)
    assert start_parts(parts.run_dir, parts.base) == parts.env
    assert not set(parts.pids().values()) & set(orphans.values())


def test_a_busy_port_is_named_with_its_owner_before_anything_starts(tmp_path):
    base = first_free_base(29000)
    with socket.create_server(("127.0.0.1", base + 33)), pytest.raises(StackError) as error:
        start_parts(tmp_path, base)
    told = str(error.value)
    assert f"port {base + 33} (Redis) is used by pid {os.getpid()} (" in told
    assert f"make up PORT_BASE={base + 1000}" in told
    assert find_leftovers(RunDir(tmp_path)) == []


async def test_the_data_moves_with_the_stack_to_other_ports(tmp_path):
    base = first_free_base(29200)
    before = Started(tmp_path, base, start_parts(tmp_path, base))
    await produce(before, "moving", b"record")
    store = bucket(before.env)
    await obstore.put_async(store, "moving", b"object")
    after = Started(tmp_path, base + 100, start_parts(tmp_path, first_free_base(base + 100)))
    assert after.env.s3_endpoint != before.env.s3_endpoint
    assert await consume(after, "moving", 1) == [b"record"]
    kept = await obstore.get_async(bucket(after.env), "moving")
    assert bytes(await kept.bytes_async()) == b"object"
    stop_parts(tmp_path)


def bucket(env):
    return S3Store(
        "moving",
        endpoint=env.s3_endpoint,
        region=env.s3_region,
        access_key_id=env.s3_access_key,
        secret_access_key=env.s3_secret_key,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


async def test_a_question_to_a_closed_door_is_answered_with_the_reason():
    base = first_free_base(29100)
    assert "connection" in str(await ready_question(f"http://127.0.0.1:{base}/health/ready")()).lower()


def test_after_the_stop_nothing_is_left(tmp_path):
    base = first_free_base(29200)
    start_parts(tmp_path, base)
    assert find_leftovers(RunDir(tmp_path))
    stop_parts(tmp_path)
    assert find_leftovers(RunDir(tmp_path)) == []
    assert list((tmp_path / "pids").iterdir()) == []
    assert first_free_base(base) == base
    stop_parts(tmp_path)
