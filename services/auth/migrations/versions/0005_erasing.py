"""Data keys of tenants, the deletion of a tenant as a job, and what stays of erased ones."""

from alembic import op

from auth.store.across_tenants import ACROSS_TENANTS
from auth.store.tables import data_keys, erased_tenants
from common.db.migrating import create_table, drop_tables, open_across_tenants, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(op, data_keys)
    protect(op, data_keys)
    create_table(op, erased_tenants)
    for grant in (item for item in ACROSS_TENANTS if item.table == "auth.data_keys"):
        open_across_tenants(op, grant)
    op.execute("ALTER TABLE auth.tenants ADD COLUMN deletion jsonb, ADD COLUMN deletion_leased_until timestamptz")
    op.execute("ALTER TABLE auth.tenants DROP CONSTRAINT tenants_state")
    # Deleted meant "nobody gets in any more", with everything still there: the job takes it up from here.
    op.execute("UPDATE auth.tenants SET state = 'deleting' WHERE state = 'deleted'")
    op.execute(
        "ALTER TABLE auth.tenants ADD CONSTRAINT tenants_state CHECK (state IN ('active', 'suspended', 'deleting'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE auth.tenants DROP CONSTRAINT tenants_state")
    op.execute("UPDATE auth.tenants SET state = 'deleted' WHERE state = 'deleting'")
    op.execute(
        "ALTER TABLE auth.tenants ADD CONSTRAINT tenants_state CHECK (state IN ('active', 'suspended', 'deleted'))"
    )
    op.execute("ALTER TABLE auth.tenants DROP COLUMN deletion, DROP COLUMN deletion_leased_until")
    drop_tables(op, (data_keys, erased_tenants))
