"""API tokens of members; of the token itself only a fingerprint is kept, and four signs to tell them apart."""

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, LargeBinary, Table, Text, Uuid

from auth.store.tables import metadata, users

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("token_id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey(users.c.user_id), nullable=False),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),  # null = without an end, which an owner made or approved
    Column("last_used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoke_reason", Text),
    Column("replaced_by", Uuid),  # the successor of a rotated token
)
