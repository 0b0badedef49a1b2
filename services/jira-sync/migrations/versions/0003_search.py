"""Full-text documents that no service can read, and the two functions that search them for the session's tenant."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE jira_private.issue_search (
    tenant_id uuid NOT NULL,
    issue_id uuid NOT NULL,
    class text NOT NULL,
    connection_id uuid NOT NULL,
    document tsvector NOT NULL,
    PRIMARY KEY (tenant_id, issue_id, class)
) PARTITION BY HASH (tenant_id)
"""

# A word is met by its Russian or English stem, by itself, and as a whole key (ABC-12 is one lexeme in a document).
WORD = """
CREATE FUNCTION jira_private.word_query(word text) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT plainto_tsquery('pg_catalog.russian', word) || plainto_tsquery('pg_catalog.simple', word)
        || CASE WHEN word ~ '^[[:alpha:]][[:alnum:]_]*-[0-9]+$'
                THEN format('''%s''', replace(lower(word), '''', ''))::tsquery ELSE ''::tsquery END
$$
"""

# Backslashes and quotes leave a prefix before it becomes a lexeme, so that no text can break the query's syntax.
QUERY = r"""
CREATE FUNCTION jira_private.search_query(words text[], prefix text) RETURNS tsquery
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    result tsquery := ''::tsquery;
    part tsquery;
    word text;
    bare text := lower(translate(coalesce(prefix, ''), E'\\\'', ''));
BEGIN
    FOREACH word IN ARRAY coalesce(words, '{}') LOOP
        part := jira_private.word_query(word);
        IF numnode(part) > 0 THEN
            result := CASE WHEN numnode(result) > 0 THEN result && part ELSE part END;
        END IF;
    END LOOP;
    IF bare <> '' THEN
        part := jira_private.word_query(prefix) || format('''%s'':*', bare)::tsquery;
        result := CASE WHEN numnode(result) > 0 THEN result && part ELSE part END;
    END IF;
    RETURN result;
END
$$
"""

SEARCH_IDS = """
CREATE FUNCTION jira.search_ids(words text[], prefix text, classes text[], max int)
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
            WHERE s.tenant_id = tenant AND s.document @@ asked
                AND (s.class = '' OR s.class = ANY (coalesce(classes, '{}')))
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

SEARCH_MATCH = """
CREATE FUNCTION jira.search_match(issue uuid, words text[], prefix text, classes text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER COST 200
SET search_path = pg_catalog AS $$
DECLARE
    asked tsquery := jira_private.search_query(words, prefix);
BEGIN
    RETURN EXISTS (
        SELECT FROM jira_private.issue_search s
        WHERE s.tenant_id = current_setting('app.tenant')::uuid AND s.issue_id = issue AND s.document @@ asked
            AND (s.class = '' OR s.class = ANY (coalesce(classes, '{}')))
    );
END
$$
"""

# Title and key weigh most, then the description, then comments; `simple` beside `russian` keeps exact forms.
DOCUMENT = """
CREATE FUNCTION jira_private.search_document(key text, title text, description text, comments text) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT setweight(array_to_tsvector(ARRAY[lower(key)]), 'A')
        || setweight(to_tsvector('pg_catalog.simple', key), 'A')
        || setweight(to_tsvector('pg_catalog.russian', title), 'A')
        || setweight(to_tsvector('pg_catalog.simple', title), 'A')
        || setweight(to_tsvector('pg_catalog.russian', description), 'B')
        || setweight(to_tsvector('pg_catalog.simple', description), 'B')
        || setweight(to_tsvector('pg_catalog.russian', comments), 'C')
        || setweight(to_tsvector('pg_catalog.simple', comments), 'C')
$$
"""

RULE = "tenant_id = current_setting('app.tenant')::uuid"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.execute("SET LOCAL ROLE je_search")
    op.execute(TABLE)
    for number in range(8):
        op.execute(
            f"CREATE TABLE jira_private.issue_search_p{number} PARTITION OF jira_private.issue_search "
            f"FOR VALUES WITH (MODULUS 8, REMAINDER {number})"
        )
        op.execute(f"ALTER TABLE jira_private.issue_search_p{number} ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE INDEX ON jira_private.issue_search USING gin (tenant_id, document)")
    op.execute("CREATE INDEX ON jira_private.issue_search (tenant_id, connection_id)")
    # Not FORCEd: the functions' owner reads past the policy, and every service stays behind it.
    op.execute("ALTER TABLE jira_private.issue_search ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON jira_private.issue_search USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("GRANT INSERT, UPDATE, DELETE ON jira_private.issue_search TO je_sync")
    op.execute("GRANT SELECT (tenant_id, issue_id, class, connection_id) ON jira_private.issue_search TO je_sync")
    for function in (WORD, QUERY, SEARCH_IDS, SEARCH_MATCH, DOCUMENT):
        op.execute(function)
    for signature in ("jira.search_ids(text[], text, text[], int)", "jira.search_match(uuid, text[], text, text[])"):
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO je_gateway, je_export, je_sync")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE je_search")
    op.execute("DROP FUNCTION jira_private.search_document(text, text, text, text)")
    op.execute("DROP FUNCTION jira.search_match(uuid, text[], text, text[])")
    op.execute("DROP FUNCTION jira.search_ids(text[], text, text[], int)")
    op.execute("DROP FUNCTION jira_private.search_query(text[], text)")
    op.execute("DROP FUNCTION jira_private.word_query(text)")
    op.execute("DROP TABLE jira_private.issue_search")
    op.execute("RESET ROLE")
