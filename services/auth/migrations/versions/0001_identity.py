"""People, tenants, memberships, sessions, refresh families, signing keys, and the outbox of access events."""

from alembic import op

from auth.store import tables
from auth.store.across_tenants import ACROSS_TENANTS, FINDER, JOINED
from common.db.migrating import create_feed, create_table, drop_tables, open_across_tenants, protect
from common.db.roles import relay

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: The tables and rights of this revision; later ones are made by their own.
_PROTECTED = (tables.memberships, tables.sessions, tables.refresh_families, tables.refresh_tokens)
_WITHOUT_TENANT = (tables.users, tables.operators, tables.tenants, tables.signing_keys)
_SEEN_ACROSS = ("auth.memberships", "auth.sessions", "auth.refresh_tokens")
_LATER_COLUMNS = (
    "ALTER TABLE auth.sessions DROP COLUMN IF EXISTS method",
    "ALTER TABLE auth.sessions DROP COLUMN IF EXISTS idle_until",
    "ALTER TABLE auth.users DROP COLUMN IF EXISTS email_verified_at",
    "ALTER TABLE auth.tenants DROP COLUMN IF EXISTS deletion, DROP COLUMN IF EXISTS deletion_leased_until",
)

_INDEXES = (
    "INDEX ON auth.memberships (user_id)",
    "INDEX ON auth.sessions (user_id) WHERE ended_at IS NULL",
    "INDEX ON auth.sessions (tenant_id, user_id) WHERE ended_at IS NULL",
    "INDEX ON auth.refresh_families (tenant_id, session_id)",
    "UNIQUE INDEX ON auth.refresh_tokens (token_hash)",
    "INDEX ON auth.refresh_tokens (tenant_id, family_id, generation)",
    # Whatever goes wrong between instances: never two keys that sign, never two that wait.
    "UNIQUE INDEX ON auth.signing_keys ((true)) WHERE activated_at IS NULL",
    "UNIQUE INDEX ON auth.signing_keys ((true)) WHERE activated_at IS NOT NULL AND retired_at IS NULL",
)


def upgrade() -> None:
    for table in (*_WITHOUT_TENANT, *_PROTECTED, tables.idempotency):
        create_table(op, table)
    for column in _LATER_COLUMNS:
        op.execute(column)
    for table in (*_PROTECTED, tables.idempotency):
        protect(op, table)
    for index in _INDEXES:
        op.execute(f"CREATE {index}")
    for grant in (item for item in ACROSS_TENANTS if item.table in _SEEN_ACROSS):
        open_across_tenants(op, grant)
    for name in JOINED:
        op.execute(f"GRANT SELECT ON {name} TO {FINDER}")
    create_feed(op, tables.outbox, tables.relay_state, relay_role=relay("je_auth"))


def downgrade() -> None:
    feed = (tables.outbox, tables.relay_state, tables.idempotency)
    drop_tables(op, (*feed, *reversed(_PROTECTED), *reversed(_WITHOUT_TENANT)))
