"""Who may see what of a connection; search documents learn their project and level, so that search asks it too."""

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

READERS = "je_gateway, je_export, je_notifier"
RULE = "tenant_id = current_setting('app.tenant')::uuid"

GRANTS = """
CREATE TABLE jira.grants (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('role', 'user')),
    subject text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('project', 'level', 'class')),
    value text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid,
    PRIMARY KEY (tenant_id, connection_id, grant_id)
)
"""

# Until now every member saw every project, and nobody a level or a class: so it stays for what is there.
EVERYBODY = """
INSERT INTO jira.grants (tenant_id, connection_id, grant_id, subject_kind, subject, kind, value, created_at)
SELECT c.tenant_id, c.connection_id, gen_random_uuid(), 'role', role, 'project', '*', now()
FROM jira.connections c, unnest(ARRAY['owner', 'admin', 'member', 'viewer']) AS role
"""

SEEN = """
                AND (s.connection_id = ANY (whole)
                    OR (s.connection_id, s.project_id) IN (SELECT * FROM unnest(in_connections, projects)))
                AND (s.security_level_id IS NULL
                    OR (s.connection_id, s.security_level_id) IN
                        (SELECT * FROM unnest(level_connections, levels)))
"""
CLASS = """
                AND (s.class = ''
                    OR (s.connection_id, s.class) IN (SELECT * FROM unnest(class_connections, classes)))
"""

SEARCH_IDS = """
CREATE FUNCTION jira.search_ids(
    words text[], prefix text, whole uuid[], in_connections uuid[], projects bigint[],
    level_connections uuid[], levels text[], class_connections uuid[], classes text[], max int
)
RETURNS TABLE (issue_id uuid, rank real)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    asked tsquery := jira_private.search_query(words, prefix);
    tenant uuid := current_setting('app.tenant')::uuid;
    most int := max;
    ids uuid[];
    ranks real[];
BEGIN
    -- An issue has a document per class and connection: fewer issues than asked for must mean that there are no more.
    LOOP
        SELECT pg_catalog.array_agg(hit.id), pg_catalog.array_agg(hit.hit_rank) INTO ids, ranks FROM (
            SELECT s.issue_id AS id, pg_catalog.ts_rank(s.document, asked) AS hit_rank
            FROM jira_private.issue_search s
            WHERE s.tenant_id = tenant AND s.document @@ asked /*seen*/ /*class*/
            LIMIT most
        ) hit;
        EXIT WHEN coalesce(pg_catalog.cardinality(ids), 0) < most
            OR (SELECT pg_catalog.count(DISTINCT one) FROM pg_catalog.unnest(ids) one) >= max;
        most := most * 4;
    END LOOP;
    RETURN QUERY
        SELECT one.id, pg_catalog.max(one.hit_rank) FROM unnest(ids, ranks) AS one (id, hit_rank)
        GROUP BY one.id LIMIT max;
END
$$
"""

# Whether the issue itself may be seen, its row says; which of its comments may be, only the document's class does.
SEARCH_MATCH = """
CREATE FUNCTION jira.search_match(
    issue uuid, connection uuid, words text[], prefix text, class_connections uuid[], classes text[]
) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER COST 200
SET search_path = pg_catalog AS $$
DECLARE
    asked tsquery := jira_private.search_query(words, prefix);
BEGIN
    RETURN EXISTS (
        SELECT FROM jira_private.issue_search s
        WHERE s.tenant_id = current_setting('app.tenant')::uuid AND s.issue_id = issue
            AND s.connection_id = connection AND s.document @@ asked /*class*/
    );
END
$$
"""

OLD = ("jira.search_ids(text[], text, text[], int)", "jira.search_match(uuid, text[], text, text[])")
NEW = (
    "jira.search_ids(text[], text, uuid[], uuid[], bigint[], uuid[], text[], uuid[], text[], int)",
    "jira.search_match(uuid, uuid, text[], text, uuid[], text[])",
)

READ = "tenant_id, connection_id, issue_id, project_id, security_level_id"
BACKFILL = """
UPDATE jira_private.issue_search s SET project_id = i.project_id, security_level_id = i.security_level_id
FROM jira.issues i
WHERE i.tenant_id = s.tenant_id AND i.connection_id = s.connection_id AND i.issue_id = s.issue_id
"""


def upgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute(GRANTS)
    op.execute(
        "CREATE UNIQUE INDEX grants_once ON jira.grants (tenant_id, connection_id, subject_kind, subject, kind, value)"
    )
    # Few rows have them, and what can be granted by name is asked for.
    for table, column in (("issues", "security_level_id"), ("comments", "visibility"), ("worklogs", "visibility")):
        columns = f"(tenant_id, connection_id, {column}) WHERE {column} IS NOT NULL"
        op.execute(f"CREATE INDEX {table}_restricted_idx ON jira.{table} {columns}")
    # Counts of whole connections and of some projects read nothing but this.
    op.execute(
        "CREATE INDEX issues_counted_idx ON jira.issues (tenant_id, connection_id, project_id)"
        " INCLUDE (security_level_id) WHERE deleted_at IS NULL"
    )
    # Owners are held by row-level security as well, but for this one statement about all tenants.
    op.execute("ALTER TABLE jira.connections NO FORCE ROW LEVEL SECURITY")
    op.execute(EVERYBODY)
    op.execute("ALTER TABLE jira.connections FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE jira.grants ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE jira.grants FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON jira.grants USING ({RULE}) WITH CHECK ({RULE})")
    op.execute(f"GRANT SELECT ON jira.grants TO {READERS}")
    _teach_search(owner)


def _teach_search(owner: str) -> None:
    op.execute(f"GRANT SELECT ({READ}) ON jira.issues TO je_search")
    op.execute("CREATE POLICY backfill ON jira.issues FOR SELECT TO je_search USING (true)")
    op.execute("SET LOCAL ROLE je_search")
    op.execute("ALTER TABLE jira_private.issue_search ADD COLUMN project_id bigint, ADD COLUMN security_level_id text")
    op.execute(BACKFILL)
    for signature in OLD:
        op.execute(f"DROP FUNCTION {signature}")
    for function in (SEARCH_IDS, SEARCH_MATCH):
        op.execute(function.replace("/*seen*/", SEEN).replace("/*class*/", CLASS))
    for signature in NEW:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO je_gateway, je_export, je_sync")
    op.execute(f'SET LOCAL ROLE "{owner}"')
    op.execute("DROP POLICY backfill ON jira.issues")
    op.execute(f"REVOKE SELECT ({READ}) ON jira.issues FROM je_search")  # noqa: S608 - constants of this file


def downgrade() -> None:
    owner = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    op.execute("SET LOCAL ROLE je_search")
    for signature in NEW:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("ALTER TABLE jira_private.issue_search DROP COLUMN project_id, DROP COLUMN security_level_id")
    for function in _functions_before():
        op.execute(function)
    for signature in OLD:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO je_gateway, je_export, je_sync")
    op.execute(f'SET LOCAL ROLE "{owner}"')
    op.execute("DROP TABLE jira.grants")
    op.execute("DROP INDEX jira.issues_counted_idx")
    for table in ("issues", "comments", "worklogs"):
        op.execute(f"DROP INDEX jira.{table}_restricted_idx")


def _functions_before() -> tuple[str, str]:
    """The functions as 0003 made them."""
    script = op.get_context().script.get_revision("0003").module
    return script.SEARCH_IDS, script.SEARCH_MATCH
