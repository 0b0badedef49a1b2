"""A tenant may connect one site with two accounts: both mirrors then hold the same issue ids, side by side."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX jira.issues_tenant_id_issue_id_idx")
    op.execute("CREATE INDEX issues_tenant_id_issue_id_idx ON jira.issues (tenant_id, issue_id)")
    op.execute("SET LOCAL ROLE je_search")
    op.execute("ALTER TABLE jira_private.issue_search DROP CONSTRAINT issue_search_pkey")
    op.execute(
        "ALTER TABLE jira_private.issue_search ADD CONSTRAINT issue_search_pkey"
        " PRIMARY KEY (tenant_id, issue_id, class, connection_id)"
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE je_search")
    op.execute("ALTER TABLE jira_private.issue_search DROP CONSTRAINT issue_search_pkey")
    op.execute(
        "ALTER TABLE jira_private.issue_search ADD CONSTRAINT issue_search_pkey"
        " PRIMARY KEY (tenant_id, issue_id, class)"
    )
    op.execute("RESET ROLE")
    op.execute("DROP INDEX jira.issues_tenant_id_issue_id_idx")
    op.execute("CREATE UNIQUE INDEX issues_tenant_id_issue_id_idx ON jira.issues (tenant_id, issue_id)")
