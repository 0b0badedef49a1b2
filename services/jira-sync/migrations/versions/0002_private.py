"""What only jira-sync may see: sealed secrets, leases, cursors, the raw inbox and raw issues."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNED = "tenant_id uuid NOT NULL, connection_id uuid NOT NULL"
PARTITIONED = ("webhook_inbox", "raw_issues", "gone_issues")
FOUND_ACROSS_TENANTS = ("sync_leases", "webhook_inbox")

TABLES = {
    "connection_secrets": """
        key_id text NOT NULL,
        sealed bytea NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, connection_id)""",
    "sync_leases": """
        owner text,
        fence bigint NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, connection_id)""",
    "sync_cursors": """
        watermark timestamptz,
        deep_scan_at timestamptz,
        catalogue_at timestamptz,
        webhook_ref text,
        sync_wanted boolean NOT NULL DEFAULT false,
        failures integer NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, connection_id)""",
    "sync_streams": """
        project_id bigint NOT NULL,
        project_key text NOT NULL,
        state jsonb,
        done boolean NOT NULL DEFAULT false,
        stored bigint NOT NULL DEFAULT 0,
        total bigint,
        gap jsonb,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, connection_id, project_id)""",
    "webhook_inbox": """
        identifier text NOT NULL,
        received_at timestamptz NOT NULL,
        body bytea NOT NULL,
        state text NOT NULL DEFAULT 'new',
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL,
        reason text,
        PRIMARY KEY (tenant_id, connection_id, identifier)""",
    "raw_issues": """
        jira_id bigint NOT NULL,
        body bytea NOT NULL,
        fetched_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, connection_id, jira_id)""",
    "gone_issues": """
        jira_id bigint NOT NULL,
        observed_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, connection_id, jira_id)""",
}

RULE = "tenant_id = current_setting('app.tenant')::uuid"


def _create(name: str, columns: str) -> None:
    cut = name in PARTITIONED
    op.execute(
        f"CREATE TABLE jira_private.{name} ({OWNED}, {columns}){' PARTITION BY HASH (tenant_id)' if cut else ''}"
    )
    parts = [f"{name}_p{number}" for number in range(8)] if cut else []
    for number, part in enumerate(parts):
        op.execute(
            f"CREATE TABLE jira_private.{part} PARTITION OF jira_private.{name} "
            f"FOR VALUES WITH (MODULUS 8, REMAINDER {number})"
        )
    for table in (name, *parts):
        op.execute(f"ALTER TABLE jira_private.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE jira_private.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON jira_private.{name} USING ({RULE}) WITH CHECK ({RULE})")


def upgrade() -> None:
    for name, columns in TABLES.items():
        _create(name, columns)
    op.execute("GRANT USAGE ON SCHEMA jira_private TO je_sync_finder")
    for name in FOUND_ACROSS_TENANTS:
        op.execute(f"GRANT SELECT ON jira_private.{name} TO je_sync_finder")
        op.execute(f"CREATE POLICY je_sync_finder ON jira_private.{name} FOR SELECT TO je_sync_finder USING (true)")
    op.execute("CREATE INDEX ON jira_private.webhook_inbox (next_attempt_at) WHERE state = 'new'")
    op.execute(
        "CREATE INDEX ON jira_private.webhook_inbox (tenant_id, connection_id, next_attempt_at) WHERE state = 'new'"
    )
    op.execute("CREATE INDEX ON jira_private.webhook_inbox (tenant_id, connection_id, received_at)")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE jira_private.{name}")
    op.execute("REVOKE USAGE ON SCHEMA jira_private FROM je_sync_finder")
