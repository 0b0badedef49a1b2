"""Invitations, password resets, mails, settings of tenants with their versions, and how a session was opened."""

from alembic import op

from auth.accounts.store import tables as accounts
from auth.store.across_tenants import ACROSS_TENANTS
from auth.tenant_settings.store.tables import tenant_settings_versions
from common.db.migrating import create_table, drop_tables, open_across_tenants, protect
from common.db.tenant_settings import READERS, tenant_origins, tenant_settings

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PROTECTED = (accounts.invitations, accounts.mails, tenant_settings, tenant_settings_versions, tenant_origins)
_SEEN_ACROSS = ("auth.invitations", "auth.mails", "auth.tenant_origins")

_INDEXES = (
    "INDEX ON auth.password_resets (user_id)",
    "INDEX ON auth.mails (next_try_at)",
    "INDEX ON auth.tenant_origins (origin)",
)


def upgrade() -> None:
    op.execute("ALTER TABLE auth.sessions ADD COLUMN method text NOT NULL DEFAULT 'password'")
    op.execute("ALTER TABLE auth.users ADD COLUMN email_verified_at timestamptz")
    create_table(op, accounts.password_resets)
    for table in _PROTECTED:
        create_table(op, table)
        protect(op, table)
    for index in _INDEXES:
        op.execute(f"CREATE {index}")
    for grant in (item for item in ACROSS_TENANTS if item.table in _SEEN_ACROSS):
        open_across_tenants(op, grant)
    for reader in READERS:
        op.execute(f"GRANT USAGE ON SCHEMA auth TO {reader}")
        op.execute(f"GRANT SELECT ON auth.tenant_settings, auth.tenant_origins TO {reader}")


def downgrade() -> None:
    for reader in READERS:
        op.execute(f"REVOKE USAGE ON SCHEMA auth FROM {reader}")
    drop_tables(op, (*reversed(_PROTECTED), accounts.password_resets))
    op.execute("ALTER TABLE auth.sessions DROP COLUMN method")
    op.execute("ALTER TABLE auth.users DROP COLUMN email_verified_at")
