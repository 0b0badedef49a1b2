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
    for table in (*tables.WITHOUT_TENANT, *tables.PROTECTED, tables.idempotency):
        create_table(op, table)
    for table in (*tables.PROTECTED, tables.idempotency):
        protect(op, table)
    for index in _INDEXES:
        op.execute(f"CREATE {index}")
    for grant in ACROSS_TENANTS:
        open_across_tenants(op, grant)
    for name in JOINED:
        op.execute(f"GRANT SELECT ON {name} TO {FINDER}")
    create_feed(op, tables.outbox, tables.relay_state, relay_role=relay("je_auth"))


def downgrade() -> None:
    feed = (tables.outbox, tables.relay_state, tables.idempotency)
    drop_tables(op, (*feed, *reversed(tables.PROTECTED), *reversed(tables.WITHOUT_TENANT)))
