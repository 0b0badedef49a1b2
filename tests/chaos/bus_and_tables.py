"""The parts of a quiet system in; what its tables and topics hold out."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from common.contracts.topics import TOPICS, Topic
from stack.process.readiness import run_async

FEEDS = {"jira.changes": "jira", "exports.outbox": "exports", "auth.outbox": "auth"}
_PRODUCER_OF = {"jira": "jira-sync", "exports": "export-worker", "auth": "auth"}


@dataclass(frozen=True)
class Feed:
    """One outbox: rows without a position, and how dense the others are."""

    waiting: int
    count: int
    first: int
    last: int
    ordered: int
    published: int


async def _rows(dsn: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        found: list[asyncpg.Record] = await connection.fetch(query)
        return found
    finally:
        await connection.close()


def rows(dsn: str, query: str) -> list[dict[str, Any]]:
    """What a superuser sees, row-level security or not."""
    return [dict(row) for row in run_async(_rows(dsn, query))]


def feed(dsn: str, table: str) -> Feed:
    """The state of a producer's outbox."""
    schema, _, name = table.partition(".")
    query = (
        f"SELECT count(*) FILTER (WHERE position IS NULL) AS waiting, count(DISTINCT position) AS count,"  # noqa: S608
        f" coalesce(min(position), 1) AS first, coalesce(max(position), 0) AS last,"
        f" (SELECT last_position FROM {schema}.relay_state WHERE feed = '{name}') AS ordered,"
        f" (SELECT published_position FROM {schema}.relay_state WHERE feed = '{name}') AS published FROM {table}"
    )
    return Feed(**rows(dsn, query)[0])


def child_counts(dsn: str) -> dict[tuple[str, int], tuple[int, int, int]]:
    """Comments, worklogs and history entries per (base address, Jira's id), hidden ones included."""
    counts = ", ".join(
        f"(SELECT count(*) FROM jira.{name} t WHERE t.tenant_id = i.tenant_id"  # noqa: S608 - names of our own
        f" AND t.connection_id = i.connection_id AND t.issue_jira_id = i.jira_id) AS {name}"
        for name in ("comments", "worklogs", "history")
    )
    issues = "jira.issues i JOIN jira.connections c USING (tenant_id, connection_id)"
    query = f"SELECT c.base_url, i.jira_id, {counts} FROM {issues} WHERE i.deleted_at IS NULL"  # noqa: S608
    return {
        (row["base_url"].rstrip("/"), row["jira_id"]): (row["comments"], row["worklogs"], row["history"])
        for row in rows(dsn, query)
    }


@dataclass
class Bus:
    """What was published: first sights of positions per producer in order per key, dead letters, all bytes."""

    positions: dict[str, set[int]] = field(default_factory=dict)
    repeated: int = 0
    out_of_order: list[str] = field(default_factory=list)
    dead: dict[str, int] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)


def read_bus(bootstrap: str) -> Bus:
    """Reads every topic from its beginning."""
    return run_async(_read(bootstrap))


async def _read(bootstrap: str) -> Bus:
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await reader.start()
    bus = Bus()
    try:
        for topic in Topic:
            parts = [TopicPartition(topic.dead, number) for number in range(TOPICS[topic].partitions)]
            begin, end = await reader.beginning_offsets(parts), await reader.end_offsets(parts)
            bus.dead[topic.dead] = sum(end[part] - begin[part] for part in parts)
            await _read_topic(reader, topic, bus)
    finally:
        await reader.stop()
    return bus


async def _read_topic(reader: AIOKafkaConsumer, topic: Topic, bus: Bus) -> None:
    parts = [TopicPartition(topic.value, number) for number in range(TOPICS[topic].partitions)]
    reader.assign(parts)
    await reader.seek_to_beginning(*parts)
    ends = await reader.end_offsets(parts)
    seen = bus.positions.setdefault(TOPICS[topic].producer, set())
    newest: dict[bytes, int] = {}
    while any([await reader.position(part) < ends[part] for part in parts]):
        for messages in (await reader.getmany(timeout_ms=500)).values():
            for message in messages:
                bus.raw.append(message.value)
                _note(bus, seen, newest, message)


def _note(bus: Bus, seen: set[int], newest: dict[bytes, int], message: Any) -> None:
    """At least once: a repetition is allowed, a new position behind a newer one of its key is not."""
    position = orjson.loads(message.value)["position"]
    if position in seen:
        bus.repeated += 1
        return
    seen.add(position)
    if position < newest.get(message.key, 0):
        bus.out_of_order.append(f"{message.topic} {message.key!r}: {position} after {newest[message.key]}")
    newest[message.key] = position


def published_by(bus: Bus, schema: str) -> set[int]:
    return bus.positions.get(_PRODUCER_OF[schema], set())
