"""The mirror: issues and what belongs to them, readable by the other services, one tenant at a time."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTITIONED = ("issues", "issue_values", "issue_keys", "comments", "worklogs", "history", "attachments", "links")
READERS = ("je_gateway", "je_export", "je_notifier")

TABLES = {
    "connections": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    deployment TEXT NOT NULL,
    site TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    account TEXT NOT NULL,
    account_id TEXT,
    account_time_zone TEXT,
    scope_projects JSONB,
    phase TEXT NOT NULL,
    progress_done BIGINT DEFAULT '0' NOT NULL,
    progress_total BIGINT,
    complete_as_of timestamptz,
    last_error JSONB,
    budget JSONB,
    webhook_url TEXT,
    webhook_registered BOOLEAN DEFAULT 'false' NOT NULL,
    webhook_last_received_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, connection_id)
""",
    "projects": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    project_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    type_key TEXT,
    state TEXT DEFAULT 'live' NOT NULL,
    lead_id TEXT,
    data JSONB DEFAULT '{}' NOT NULL,
    generation BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, project_id)
""",
    "project_keys": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    key TEXT NOT NULL,
    project_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, key)
""",
    "users": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT,
    display_name TEXT NOT NULL,
    email TEXT,
    avatar_url TEXT,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    time_zone TEXT,
    PRIMARY KEY (tenant_id, connection_id, account_id)
""",
    "catalogue": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    kind TEXT NOT NULL,
    jira_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    project_id BIGINT,
    rank INTEGER DEFAULT '0' NOT NULL,
    data JSONB DEFAULT '{}' NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, kind, jira_id)
""",
    "issues": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    issue_id UUID NOT NULL,
    key TEXT NOT NULL,
    number BIGINT NOT NULL,
    project_id BIGINT NOT NULL,
    project_key TEXT NOT NULL,
    summary TEXT NOT NULL,
    type_id TEXT,
    type_name TEXT,
    type_fold TEXT,
    status_id TEXT,
    status_name TEXT,
    status_fold TEXT,
    status_category TEXT,
    priority_id TEXT,
    priority_name TEXT,
    priority_fold TEXT,
    priority_rank INTEGER,
    resolution_id TEXT,
    resolution_name TEXT,
    assignee_id TEXT,
    reporter_id TEXT,
    creator_id TEXT,
    parent_jira_id BIGINT,
    due_date DATE,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    resolved_at timestamptz,
    security_level_id TEXT,
    security_level_name TEXT,
    revision BIGINT NOT NULL,
    content_hash BYTEA NOT NULL,
    card TEXT NOT NULL,
    detail TEXT NOT NULL,
    synced_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, connection_id, jira_id)
""",
    "issue_values": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    value_fold TEXT NOT NULL,
    value TEXT NOT NULL,
    value_id TEXT,
    PRIMARY KEY (tenant_id, connection_id, jira_id, field, value_fold)
""",
    "issue_keys": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    key TEXT NOT NULL,
    jira_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, key)
""",
    "comments": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    issue_jira_id BIGINT NOT NULL,
    child_id UUID NOT NULL,
    author_id TEXT,
    author_name TEXT,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    visibility TEXT,
    body_format TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, jira_id)
""",
    "worklogs": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    issue_jira_id BIGINT NOT NULL,
    child_id UUID NOT NULL,
    author_id TEXT,
    author_name TEXT,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    started timestamptz,
    seconds BIGINT NOT NULL,
    visibility TEXT,
    body_format TEXT,
    body TEXT,
    PRIMARY KEY (tenant_id, connection_id, jira_id)
""",
    "history": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    issue_jira_id BIGINT NOT NULL,
    child_id UUID NOT NULL,
    author_id TEXT,
    author_name TEXT,
    created timestamptz NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, jira_id)
""",
    "attachments": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    jira_id BIGINT NOT NULL,
    issue_jira_id BIGINT NOT NULL,
    child_id UUID NOT NULL,
    author_id TEXT,
    author_name TEXT,
    created timestamptz NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    content_url TEXT NOT NULL,
    thumbnail_url TEXT,
    media_id TEXT,
    PRIMARY KEY (tenant_id, connection_id, jira_id)
""",
    "links": """
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    issue_jira_id BIGINT NOT NULL,
    jira_id BIGINT NOT NULL,
    direction TEXT NOT NULL,
    type_name TEXT NOT NULL,
    label TEXT NOT NULL,
    other_jira_id BIGINT NOT NULL,
    other_key TEXT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, issue_jira_id, jira_id, direction)
""",
}

INDEXES = {
    "connections": ("UNIQUE (tenant_id, base_url, account) WHERE deleted_at IS NULL",),
    "project_keys": ("(tenant_id, key)",),
    "catalogue": ("(tenant_id, kind, name_fold)",),
    "users": ("(tenant_id, account_id)",),
    "issues": (
        "UNIQUE (tenant_id, issue_id)",
        "(tenant_id, key)",
        "(tenant_id, updated DESC, issue_id)",
        "(tenant_id, created DESC, issue_id)",
        "(tenant_id, priority_rank, issue_id)",
        "(tenant_id, due_date, issue_id)",
        "(tenant_id, project_key, number)",
        "(tenant_id, connection_id, project_id, updated DESC, issue_id)",
        "(tenant_id, assignee_id, updated DESC, issue_id)",
        "(tenant_id, reporter_id, updated DESC, issue_id)",
        "(tenant_id, status_fold, updated DESC, issue_id)",
        "(tenant_id, type_fold, updated DESC, issue_id)",
        "(tenant_id, priority_fold, updated DESC, issue_id)",
        "(tenant_id, connection_id, parent_jira_id)",
    ),
    "issue_values": ("(tenant_id, field, value_fold, connection_id, jira_id)",),
    "issue_keys": ("(tenant_id, key)",),
    "comments": ("(tenant_id, connection_id, issue_jira_id, created, jira_id)", "(tenant_id, child_id)"),
    "worklogs": ("(tenant_id, connection_id, issue_jira_id, created, jira_id)", "(tenant_id, child_id)"),
    "history": ("(tenant_id, connection_id, issue_jira_id, created, jira_id)", "(tenant_id, child_id)"),
    "attachments": ("(tenant_id, connection_id, issue_jira_id, created, jira_id)", "(tenant_id, child_id)"),
    "links": ("(tenant_id, connection_id, other_jira_id)",),
}

RULE = "tenant_id = current_setting('app.tenant')::uuid"


def _create(name: str, columns: str) -> None:
    cut = name in PARTITIONED
    op.execute(f"CREATE TABLE jira.{name} ({columns}){' PARTITION BY HASH (tenant_id)' if cut else ''}")
    for number in range(8) if cut else ():
        op.execute(
            f"CREATE TABLE jira.{name}_p{number} PARTITION OF jira.{name} "
            f"FOR VALUES WITH (MODULUS 8, REMAINDER {number})"
        )
        # A partition named directly does not ask its parent's policy, so it gets no rows at all.
        op.execute(f"ALTER TABLE jira.{name}_p{number} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE jira.{name}_p{number} FORCE ROW LEVEL SECURITY")
    for index in INDEXES.get(name, ()):
        unique = "UNIQUE " if index.startswith("UNIQUE ") else ""
        op.execute(f"CREATE {unique}INDEX ON jira.{name} {index.removeprefix('UNIQUE ')}")


def upgrade() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA jira TO {', '.join(READERS)}")
    for name, columns in TABLES.items():
        _create(name, columns)
        op.execute(f"ALTER TABLE jira.{name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE jira.{name} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON jira.{name} USING ({RULE}) WITH CHECK ({RULE})")
        op.execute(f"GRANT SELECT ON jira.{name} TO {', '.join(READERS)}")
    op.execute("GRANT USAGE ON SCHEMA jira TO je_sync_finder")
    op.execute("GRANT SELECT ON jira.connections TO je_sync_finder")
    op.execute("CREATE POLICY je_sync_finder ON jira.connections FOR SELECT TO je_sync_finder USING (true)")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE jira.{name}")
    op.execute(f"REVOKE USAGE ON SCHEMA jira FROM je_sync_finder, {', '.join(READERS)}")
