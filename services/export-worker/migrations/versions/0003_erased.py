"""What stays of erased tenants."""

from alembic import op

from common.db.migrating import create_table, drop_tables
from export_worker.store.tables import erased_tenants

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(op, erased_tenants)


def downgrade() -> None:
    drop_tables(op, (erased_tenants,))
