"""Data keys of tenants, under which secrets of connections are sealed, and what stays of erased tenants."""

from alembic import op

from common.db.migrating import create_table, drop_tables, open_across_tenants, protect
from jira_sync.store.across_tenants import ACROSS_TENANTS
from jira_sync.store.tables import data_keys, erased_tenants

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(op, data_keys)
    protect(op, data_keys)
    create_table(op, erased_tenants)
    for grant in (item for item in ACROSS_TENANTS if item.table == "jira_private.data_keys"):
        open_across_tenants(op, grant)


def downgrade() -> None:
    drop_tables(op, (data_keys, erased_tenants))
