"""Identity providers of tenants, linked identities and used sign-ins."""

from alembic import op

from auth.federation.store.tables import PROTECTED
from common.db.migrating import create_table, drop_tables, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in PROTECTED:
        create_table(op, table)
        protect(op, table)
    op.execute("CREATE INDEX ON auth.federated_identities (tenant_id, user_id)")
    op.execute("CREATE INDEX ON auth.finished_sign_ins (tenant_id, expires_at)")


def downgrade() -> None:
    drop_tables(op, reversed(PROTECTED))
