"""The outbox tables: events wait here in the transaction that made them until the relay orders and publishes them."""

from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from common.clock import utc_now
from common.contracts.events import Event, cloud_event
from common.ids import TenantId
from common.telemetry.context import trace_headers


def outbox_table(metadata: MetaData, name: str = "outbox", *extra: Column[Any]) -> Table:
    """The table of a service's events; `extra` are columns that a feed adds for its readers."""
    return Table(
        name,
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("event", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False, server_default="{}"),
        Column("epoch", Text),
        Column("position", BigInteger),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        *extra,
    )


def relay_state_table(metadata: MetaData) -> Table:
    """The one row that orders a feed: epoch, positions, and who holds the lease under which fence."""
    return Table(
        "relay_state",
        metadata,
        Column("feed", Text, primary_key=True),
        Column("epoch", Text, nullable=False),
        Column("last_position", BigInteger, nullable=False, server_default="0"),
        Column("published_position", BigInteger, nullable=False, server_default="0"),
        Column("owner", Text),
        Column("fence", BigInteger, nullable=False, server_default="0"),
        Column("lease_until", DateTime(timezone=True)),
    )


def inbox_table(metadata: MetaData) -> Table:
    """What a service's consumers have handled; a row stands in the same transaction as the handler's work."""
    return Table(
        "inbox",
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("consumer", Text, primary_key=True),
        Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def outbox_row(event: Event, tenant: TenantId) -> dict[str, Any]:
    """The columns of an event in an outbox."""
    headers = trace_headers()
    envelope = cloud_event(event, tenant=tenant, time=utc_now(), traceparent=headers.get("traceparent"))
    return {
        "tenant_id": tenant,
        "event_id": event.event_id,
        "topic": event.topic.value,
        "key": event.partition_key(tenant),
        "type": event.type_name(),
        "event": orjson.dumps(envelope),
        "headers": headers,
    }
