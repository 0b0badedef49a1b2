"""Auth may see which Jira sites a tenant has connected: people of those may sign in with Atlassian (ADR 0013)."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SITES = "SELECT (tenant_id, base_url, site, deployment, deleted_at) ON jira.connections"


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA jira TO je_auth")
    op.execute(f"GRANT {_SITES} TO je_auth")


def downgrade() -> None:
    op.execute(f"REVOKE {_SITES} FROM je_auth")
    op.execute("REVOKE USAGE ON SCHEMA jira FROM je_auth")
