"""Every version that a tenant's settings had; the values of now stand in `common.db.tenant_settings`."""

from sqlalchemy import Column, DateTime, Integer, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from auth.store.tables import metadata

tenant_settings_versions = Table(
    "tenant_settings_versions",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Uuid),
    Column("changes", JSONB, nullable=False),
    Column("settings", JSONB, nullable=False),
)
