"""The table of schema `gateway`: the audit log, which the service can only add to."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from common.db.erased import erased_tenants_table
from common.db.roles import AcrossTenants, finder

metadata = MetaData(schema="gateway")

#: One row per deed. The key is the event's id, so that a second delivery finds its row and adds nothing.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("source", Text, nullable=False),  # the service that saw it
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text),
    Column("action", Text, nullable=False),
    Column("target_kind", Text),
    Column("target_id", Text),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),  # a stable code
    Column("address", Text),
    Column("request_id", Text),
    Column("session_id", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

erased_tenants = erased_tenants_table(metadata)

FINDER = finder("je_gateway")

ACROSS_TENANTS = (
    AcrossTenants(
        FINDER,
        "gateway.audit_entries",
        "SELECT (tenant_id, at, target_kind, target_id)",
        "finds tenants with entries past their retention, and the tenant that a thing belongs to",
    ),
)
