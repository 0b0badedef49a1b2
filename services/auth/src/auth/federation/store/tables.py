"""Identity providers of tenants, the identities that people have there, and the sign-ins that are used up."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.store.tables import metadata, users

identity_providers = Table(
    "identity_providers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("provider_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),  # oidc | atlassian
    Column("name", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret", LargeBinary),  # sealed; none for a public client
    Column("secret_key_id", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("domains", ARRAY(Text), nullable=False),
    Column("domain_role", Text),
    Column("groups_claim", Text),
    Column("group_roles", JSONB, nullable=False),
    Column("site_role", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

#: Who an issuer's subject is here. Within one tenant only: another tenant's word for the issuer counts nothing.
federated_identities = Table(
    "federated_identities",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Uuid, ForeignKey(users.c.user_id, ondelete="CASCADE"), nullable=False),
    Column("linked_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True), nullable=False),
)

#: Written when a sign-in succeeds, so that nobody finishes it twice; forgotten when it would be too old anyway.
finished_sign_ins = Table(
    "finished_sign_ins",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("state_hash", LargeBinary, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

PROTECTED = (identity_providers, federated_identities, finished_sign_ins)
