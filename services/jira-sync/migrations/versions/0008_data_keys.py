"""Data keys of tenants, under which secrets of connections are sealed, and what stays of erased tenants."""

from alembic import op

from common.db.migrating import create_table, drop_tables, open_across_tenants, protect
from common.db.roles import eraser
from jira_sync.store.across_tenants import ACROSS_TENANTS
from jira_sync.store.tables import data_keys, erased_tenants, issue_search

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ERASER = eraser("je_sync")


def upgrade() -> None:
    create_table(op, data_keys)
    protect(op, data_keys)
    create_table(op, erased_tenants)
    # je_search owns the search documents, so no default of the schema's owner covers them.
    op.execute("SET LOCAL ROLE je_search")
    op.execute(f"GRANT SELECT (tenant_id, issue_id, class, connection_id), DELETE ON {issue_search} TO {ERASER}")
    op.execute("RESET ROLE")
    for grant in (item for item in ACROSS_TENANTS if item.table == "jira_private.data_keys"):
        open_across_tenants(op, grant)


def downgrade() -> None:
    op.execute("SET LOCAL ROLE je_search")
    op.execute(f"REVOKE ALL ON {issue_search} FROM {ERASER}")
    op.execute("RESET ROLE")
    drop_tables(op, (data_keys, erased_tenants))
