"""API tokens; and how long a session may stay unused, beside the session itself."""

from alembic import op

from auth.api_tokens.store.tables import api_tokens
from auth.store.across_tenants import ACROSS_TENANTS
from common.db.migrating import create_table, drop_tables, open_across_tenants, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = (
    "INDEX ON auth.api_tokens (tenant_id, user_id) WHERE revoked_at IS NULL",
    "INDEX sessions_idle_until ON auth.sessions (idle_until) WHERE ended_at IS NULL",
)

#: Row-level security is forced on both tables and no tenant is set here, so it is lifted for the one statement.
_BACKFILL = (
    "ALTER TABLE auth.sessions NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE auth.refresh_families NO FORCE ROW LEVEL SECURITY",
    """
    UPDATE auth.sessions AS s SET idle_until = coalesce(
        (SELECT max(f.expires_at) FROM auth.refresh_families AS f
         WHERE f.tenant_id = s.tenant_id AND f.session_id = s.session_id), s.expires_at)
    """,
    "ALTER TABLE auth.sessions FORCE ROW LEVEL SECURITY",
    "ALTER TABLE auth.refresh_families FORCE ROW LEVEL SECURITY",
    "ALTER TABLE auth.sessions ALTER COLUMN idle_until SET NOT NULL",
)


def upgrade() -> None:
    op.execute("ALTER TABLE auth.sessions ADD COLUMN idle_until timestamptz")
    for statement in _BACKFILL:
        op.execute(statement)
    create_table(op, api_tokens)
    protect(op, api_tokens)
    for index in _INDEXES:
        op.execute(f"CREATE {index}")
    for grant in (item for item in ACROSS_TENANTS if item.table == "auth.api_tokens"):
        open_across_tenants(op, grant)


def downgrade() -> None:
    drop_tables(op, (api_tokens,))
    op.execute("ALTER TABLE auth.sessions DROP COLUMN idle_until")
