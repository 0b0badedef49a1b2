"""Real events of one tenant in; the same facts under another tenant's name, put on the same topics, out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
from surface.tenants import Tenant

from common.contracts.topics import TOPICS, Topic
from common.ids import new_id, parse_id, public_id
from stack.process.readiness import run_async

#: Whose outbox the relay reads for the topics of a producer.
OUTBOXES = {"jira-sync": "jira.changes", "export-worker": "exports.outbox", "auth": "auth.outbox"}


@dataclass(frozen=True)
class Forged:
    """An event that says it belongs to B, about what is A's."""

    topic: Topic
    type: str
    event_id: str


def forge(
    dsn: str, topic: Topic, owner: Tenant, other: Tenant, replace: Mapping[str, str] | None = None
) -> list[Forged]:
    """One of each type that the owner ever caused on this topic under the other's name; `replace` sets data."""
    return run_async(_forge(dsn, topic, (owner, other), replace or {}))


def is_published(dsn: str, forged: Forged) -> bool:
    """Whether the relay has put it on the topic."""
    table = OUTBOXES[TOPICS[forged.topic].producer]
    return run_async(_is_published(dsn, table, forged))


async def _forge(dsn: str, topic: Topic, tenants: tuple[Tenant, Tenant], replace: Mapping[str, str]) -> list[Forged]:
    table = OUTBOXES[TOPICS[topic].producer]
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        rows = await connection.fetch(
            f"SELECT DISTINCT ON (type) * FROM {table} WHERE tenant_id = $1 AND topic = $2"  # noqa: S608 - our own name
            # An audit entry is about nothing but itself: there is no object whose tenant it could be compared with.
            " AND type NOT LIKE '%audit_recorded%' ORDER BY type, seq DESC",
            parse_id("ten", tenants[0].id),
            topic.value,
        )
        return [await _readdress(connection, table, dict(row), tenants, replace) for row in rows]
    finally:
        await connection.close()


async def _readdress(
    connection: "asyncpg.Connection[asyncpg.Record]",
    table: str,
    row: dict[str, Any],
    tenants: tuple[Tenant, Tenant],
    replace: Mapping[str, str],
) -> Forged:
    """The key goes along, so that it lies in the partition where the true ones of B would."""
    event_id, (owner, other) = new_id(), tenants
    event = json.loads(row["event"]) | {"id": public_id("evt", event_id), "tenantid": other.id}
    event["data"] |= {name: value for name, value in replace.items() if name in event["data"]}
    for name in ("seq", "position", "epoch", "created_at"):
        row.pop(name)
    row |= {
        "tenant_id": parse_id("ten", other.id),
        "event_id": event_id,
        "event": json.dumps(event).encode(),
        "key": row["key"].replace(owner.id, other.id),
    }
    names = list(row)
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - names of our own
    await connection.execute(statement, *row.values())
    return Forged(Topic(row["topic"]), row["type"], event["id"])


async def _is_published(dsn: str, table: str, forged: Forged) -> bool:
    schema = table.partition(".")[0]
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        found = await connection.fetchval(
            f"SELECT position <= (SELECT published_position FROM {schema}.relay_state)"  # noqa: S608
            f" FROM {table} WHERE event_id = $1",
            parse_id("evt", forged.event_id),
        )
        return bool(found)
    finally:
        await connection.close()
