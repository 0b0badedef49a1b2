"""Answers kept for Idempotency-Keys, in the transaction of the write."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RULE = "tenant_id = current_setting('app.tenant')::uuid"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE jira_private.idempotency (
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            status integer NOT NULL,
            location text,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, user_id, key)
        )""")
    op.execute("ALTER TABLE jira_private.idempotency ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE jira_private.idempotency FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON jira_private.idempotency USING ({RULE}) WITH CHECK ({RULE})")


def downgrade() -> None:
    op.execute("DROP TABLE jira_private.idempotency")
