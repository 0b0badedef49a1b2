"""The tables of schema `auth`; people, tenants and keys belong to no tenant, all else is protected by tenant."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.db.data_keys import data_keys_table
from common.db.erased import erased_tenants_table
from common.db.feed import outbox_table, relay_state_table
from common.db.idempotency import idempotency_table

metadata = MetaData(schema="auth")


def _time(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=not required)


users = Table(
    "users",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # in the form of common.contracts.http.auth.EmailAddress
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False, server_default="en"),
    Column("password_hash", Text),
    _time("disabled_at"),
    _time("email_verified_at"),  # when the person last proved by a mail that the address is his
    _time("created_at", required=True),
    _time("updated_at", required=True),
)

#: Platform operators: people who run the installation and see no tenant's data.
operators = Table(
    "operators",
    metadata,
    Column("user_id", Uuid, ForeignKey(users.c.user_id), primary_key=True),
    _time("created_at", required=True),
)

tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),  # active | suspended | deleting
    Column("session_idle", Interval, nullable=False, server_default=text("interval '14 days'")),
    Column("session_life", Interval, nullable=False, server_default=text("interval '90 days'")),
    _time("created_at", required=True),
    _time("updated_at", required=True),
    Column("deletion", JSONB(none_as_null=True)),  # what was asked, done and is left; see auth.erasing.domain
    _time("deletion_leased_until"),
    CheckConstraint("state IN ('active', 'suspended', 'deleting')", name="tenants_state"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey(users.c.user_id), primary_key=True),
    Column("role", Text, nullable=False),  # owner | admin | member | viewer
    Column("active", Boolean, nullable=False, server_default="true"),
    _time("created_at", required=True),
    _time("updated_at", required=True),
    CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="memberships_role"),
)

#: One sign-in on one device; an operator's sessions stand under the platform's own id instead of a tenant's.
sessions = Table(
    "sessions",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("session_id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey(users.c.user_id), nullable=False),
    Column("device", Text),
    Column("address", Text),
    _time("created_at", required=True),
    _time("last_used_at", required=True),
    _time("expires_at", required=True),  # the absolute end, whatever is refreshed
    _time("idle_until", required=True),  # the end when it is not refreshed before
    _time("ended_at"),
    Column("end_reason", Text),
    Column("method", Text, nullable=False, server_default="password"),  # a name of auth.domain.sign_in_steps.Factor
)

refresh_families = Table(
    "refresh_families",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("family_id", Uuid, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("generation", Integer, nullable=False),  # number of the one living token
    _time("expires_at", required=True),
    _time("revoked_at"),
    ForeignKeyConstraint(
        ["tenant_id", "session_id"], [sessions.c.tenant_id, sessions.c.session_id], ondelete="CASCADE"
    ),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("family_id", Uuid, nullable=False),
    Column("generation", Integer, nullable=False),
    _time("issued_at", required=True),
    _time("used_at"),
    Column("salt", LargeBinary),  # with the token itself it tells the successor; kept until the successor is used
    ForeignKeyConstraint(
        ["tenant_id", "family_id"], [refresh_families.c.tenant_id, refresh_families.c.family_id], ondelete="CASCADE"
    ),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("private_key", LargeBinary, nullable=False),  # sealed under the master key named beside it
    Column("master_key_id", Text, nullable=False),
    _time("created_at", required=True),
    _time("activated_at"),
    _time("retired_at"),
)

outbox = outbox_table(metadata)
relay_state = relay_state_table(metadata)
idempotency = idempotency_table(metadata)
data_keys = data_keys_table(metadata)
erased_tenants = erased_tenants_table(metadata)

PROTECTED = (memberships, sessions, refresh_families, refresh_tokens)
WITHOUT_TENANT = (users, operators, tenants, signing_keys)
