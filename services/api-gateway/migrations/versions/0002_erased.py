"""What stays of erased tenants; only of those may the eraser delete audit entries."""

from alembic import op

from api_gateway.audit.store.tables import erased_tenants
from common.db.migrating import create_table, drop_tables
from common.db.roles import eraser

revision = "0002"
down_revision = "0001"

_ERASER = eraser("je_gateway")


def upgrade() -> None:
    create_table(op, erased_tenants)
    op.execute(
        f"CREATE POLICY only_of_erased_tenants ON gateway.audit_entries AS RESTRICTIVE FOR DELETE TO {_ERASER} USING ("
        "EXISTS (SELECT FROM gateway.erased_tenants"
        " WHERE digest = sha256('erased-tenant:'::bytea || uuid_send(tenant_id))))"
    )


def downgrade() -> None:
    op.execute("DROP POLICY only_of_erased_tenants ON gateway.audit_entries")
    drop_tables(op, (erased_tenants,))
