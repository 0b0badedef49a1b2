"""The schemas: models and migrations agree, go down and up again, and nobody reads what is not his."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from common.db.migrating import downgrade, migrate
from common.issues.tables import metadata as mirror
from common.testing.databases import TestDatabase
from jira_sync.bootstrap import MIGRATIONS
from jira_sync.store.across_tenants import ACROSS_TENANTS
from jira_sync.store.tables import erased_tenants, relay_state
from jira_sync.store.tables import metadata as private

COLUMNS = """
SELECT c.relname AS name, a.attname AS col, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'alembic_version'
"""
UNPROTECTED = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace IN ('jira'::regnamespace, 'jira_private'::regnamespace) AND c.relkind IN ('r', 'p')
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
TYPES = {"BIGINT": "bigint", "UUID": "uuid", "TEXT": "text", "INTEGER": "integer", "BOOLEAN": "boolean"}


@pytest.mark.parametrize(("schema", "metadata"), [("jira", mirror), ("jira_private", private)])
async def test_models_and_migrations_agree(test_database: TestDatabase, schema: str, metadata: object) -> None:
    admin = await test_database.admin()
    try:
        rows = await admin.fetch(COLUMNS, schema)
    finally:
        await admin.close()
    there = {(row["name"], row["col"], row["required"]) for row in rows}
    declared = {
        (table.name, column.name, not column.nullable)
        for table in metadata.sorted_tables  # type: ignore[attr-defined]
        for column in table.columns
    }
    assert there == declared
    types = {(row["name"], row["col"]): row["type"] for row in rows}
    for table in metadata.sorted_tables:  # type: ignore[attr-defined]
        for column in table.columns:
            wanted = TYPES.get(str(column.type))
            assert wanted is None or types[table.name, column.name] == wanted


async def test_down_and_up_again(test_database: TestDatabase) -> None:
    dsn = test_database.admin_dsn
    await downgrade(MIGRATIONS, dsn, "jira")
    admin = await test_database.admin()
    left = "SELECT count(*) FROM pg_class WHERE relnamespace IN ('jira'::regnamespace, 'jira_private'::regnamespace)"
    assert await admin.fetchval(f"{left} AND relkind IN ('r', 'p') AND relname <> 'alembic_version'") == 0
    await migrate(MIGRATIONS, dsn, "jira")
    assert await admin.fetchval("SELECT count(*) FROM jira.issues") == 0
    await admin.close()


async def test_every_tenant_table_and_partition_is_protected(test_database: TestDatabase) -> None:
    admin = await test_database.admin()
    try:
        found = {row["relname"] for row in await admin.fetch(UNPROTECTED)}
    finally:
        await admin.close()
    search = {"issue_search", *(f"issue_search_p{number}" for number in range(8))}
    # Search documents are read past the policy by their owner; the others hold nothing of a tenant.
    assert found == search | {relay_state.name, erased_tenants.name, "alembic_version"}


async def test_readers_read_the_mirror_and_nothing_private(test_database: TestDatabase) -> None:
    for service in ("api-gateway", "export-worker", "notifier"):
        connection = await asyncpg.connect(test_database.dsn(service))
        try:
            await connection.execute(f"SET app.tenant = '{uuid.uuid4()}'")
            for table in mirror.sorted_tables:
                assert await connection.fetch(f"SELECT * FROM jira.{table.name}") == []  # noqa: S608
            for table in private.sorted_tables:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT 1 FROM jira_private.{table.name}")  # noqa: S608
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("DELETE FROM jira.issues")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT 1 FROM jira.issues_p0")
        finally:
            await connection.close()


async def test_the_list_of_roles_that_look_across_tenants_is_the_catalogue(test_database: TestDatabase) -> None:
    admin = await test_database.admin()
    try:
        rows = await admin.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_policies WHERE 'je_sync_finder' = ANY (roles)"
        )
    finally:
        await admin.close()
    assert {row["name"] for row in rows} == {grant.table for grant in ACROSS_TENANTS}


SEARCH = "SELECT issue_id FROM jira.search_ids($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
MATCH = "SELECT jira.search_match($1, $2, $3, $4, $5, $6)"

DOCUMENTS = (
    ("ABC-12", "Ошибки при запуске сервера", "The server keeps crashing"),
    ("ABC-13", "Login fails", "users cannot log in"),
    ("DEMO-120", "日本語 テスト", ""),
)
QUESTIONS = (
    (["ошибка"], None, {"ABC-12"}),
    (["crash"], None, {"ABC-12"}),
    (["user", "fail"], None, {"ABC-13"}),
    ([], "ошиб", {"ABC-12"}),
    ([], "ошибками", {"ABC-12"}),
    (["abc-12"], None, {"ABC-12"}),
    ([], "ABC-1", {"ABC-12", "ABC-13"}),
    ([], "日本", {"DEMO-120"}),
    (["the"], None, {"ABC-12"}),
    (["'; drop"], "a'\\b:*|!&", set()),
    (["secret"], None, set()),
)


@pytest.mark.parametrize(("words", "prefix", "wanted"), QUESTIONS)
async def test_search_stems_finds_keys_and_prefixes(
    test_database: TestDatabase, words: list[str], prefix: str | None, wanted: set[str]
) -> None:
    tenant, ids = uuid.uuid4(), {}
    writer = await asyncpg.connect(test_database.dsn("jira-sync"))
    insert = (
        "INSERT INTO jira_private.issue_search (tenant_id, issue_id, class, connection_id, document)"
        " VALUES ($1, $2, $3, $4, jira_private.search_document($5, $6, $7, ''))"
    )
    async with writer.transaction():
        await writer.execute(f"SET LOCAL app.tenant = '{tenant}'")
        for key, title, description in DOCUMENTS:
            ids[uuid.uuid4()] = key
            await writer.execute(insert, tenant, list(ids)[-1], "", tenant, key, title, description)
        first = next(iter(ids))
        await writer.execute(insert, tenant, first, "role:Admins", tenant, "ABC-12", "secret", "")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with writer.transaction():
                await writer.fetch("SELECT document FROM jira_private.issue_search")
    await writer.close()
    assert await _asked(test_database, tenant, ids, words, prefix, []) == wanted
    assert await _asked(test_database, uuid.uuid4(), ids, words, prefix, ["role:Admins"]) == set()
    if words == ["secret"]:
        assert await _asked(test_database, tenant, ids, words, prefix, ["role:Admins"]) == {"ABC-12"}


async def test_fewer_issues_than_asked_for_means_that_there_are_no_more(test_database: TestDatabase) -> None:
    tenant, classes = uuid.uuid4(), [f"role:{number}" for number in range(9)]
    writer = await asyncpg.connect(test_database.dsn("jira-sync"))
    async with writer.transaction():
        await writer.execute(f"SET LOCAL app.tenant = '{tenant}'")
        for _ in range(20):
            issue = uuid.uuid4()
            for name in ("", *classes):
                await writer.execute(
                    "INSERT INTO jira_private.issue_search (tenant_id, issue_id, class, connection_id, document)"
                    " VALUES ($1, $2, $3, $1, jira_private.search_document('K-1', 'apple', '', ''))",
                    tenant,
                    issue,
                    name,
                )
        held = ([tenant], [], [], [], [], [tenant] * len(classes), classes)
        found = await writer.fetch(SEARCH, ["apple"], None, *held, 15)
        every = await writer.fetch(SEARCH, ["apple"], None, *held, 100)
    await writer.close()
    assert (len({row["issue_id"] for row in found}), len(found)) == (15, 15)
    assert len({row["issue_id"] for row in every}) == len(every) == 20


async def test_search_finds_only_what_its_scope_names(test_database: TestDatabase) -> None:
    """Whole connections, projects, levels and classes: each only in the connection that it was granted in."""
    tenant, one, two = (uuid.uuid4() for _ in range(3))
    insert = (
        "INSERT INTO jira_private.issue_search"
        " (tenant_id, issue_id, class, connection_id, document, project_id, security_level_id)"
        " VALUES ($1, $2, $3, $4, jira_private.search_document('K-1', 'apple', '', ''), $5, $6)"
    )
    rows = {
        "plain": (one, "", 1, None),
        "other project": (one, "", 2, None),
        "levelled": (one, "", 1, "9"),
        "for few": (one, "role:A", 1, None),
        "elsewhere": (two, "", 1, None),
        "levelled elsewhere": (two, "", 1, "9"),
    }
    names = {uuid.uuid4(): name for name in rows}
    writer = await asyncpg.connect(test_database.dsn("jira-sync"))

    async def found(*held: object) -> set[str]:
        return {names[row["issue_id"]] for row in await writer.fetch(SEARCH, ["apple"], None, *held, 100)}

    none: list[object] = []
    async with writer.transaction():
        await writer.execute(f"SET LOCAL app.tenant = '{tenant}'")
        for issue, name in names.items():
            connection, visibility, project, level = rows[name]
            await writer.execute(insert, tenant, issue, visibility, connection, project, level)
        assert await found(none, none, none, none, none, none, none) == set()
        assert await found([one], none, none, none, none, none, none) == {"plain", "other project"}
        assert await found(none, [one], [1], none, none, none, none) == {"plain"}
        assert await found(none, [one, two], [2, 1], none, none, none, none) == {"other project", "elsewhere"}
        everything_but = set(rows) - {"for few", "levelled elsewhere"}
        assert await found([one, two], none, none, [one], ["9"], none, none) == everything_but
        assert "for few" not in await found([one], none, none, none, none, [two], ["role:A"])
        assert "for few" in await found([one], none, none, none, none, [one], ["role:A"])
    await writer.close()


async def test_what_stood_before_grants_is_seen_as_it_was(test_database: TestDatabase) -> None:
    """Migration from the first issue's data: every role sees every project, and search knows project and level."""
    admin, dsn = await test_database.admin(), test_database.admin_dsn
    tenant, connection, issue = (uuid.uuid4() for _ in range(3))
    await downgrade(MIGRATIONS, dsn, "jira", "0006")
    now = datetime.now(UTC)
    await admin.execute(
        "INSERT INTO jira.connections (tenant_id, connection_id, name, base_url, deployment, site, auth_method,"
        " account, phase, created_at, updated_at)"
        " VALUES ($1, $2, 'n', 'https://jira.example.com', 'cloud', 's', 'basic', 'a@example.com', 'live', $3, $3)",
        *(tenant, connection, now),
    )
    await admin.execute(
        "INSERT INTO jira.issues (tenant_id, connection_id, jira_id, issue_id, key, number, project_id, project_key,"
        " summary, created, updated, security_level_id, revision, content_hash, card, detail, synced_at)"
        " VALUES ($1, $2, 1, $3, 'A-1', 1, 77, 'A', 's', $4, $4, '9', 1, '', '{}', '{}', $4)",
        *(tenant, connection, issue, now),
    )
    await admin.execute(
        "INSERT INTO jira_private.issue_search (tenant_id, issue_id, class, connection_id, document)"
        " VALUES ($1, $2, '', $3, to_tsvector('apple'))",
        *(tenant, issue, connection),
    )
    await migrate(MIGRATIONS, dsn, "jira")
    grants = await admin.fetch("SELECT subject, kind, value FROM jira.grants WHERE tenant_id = $1", tenant)
    assert {tuple(row) for row in grants} == {(role, "project", "*") for role in ("owner", "admin", "member", "viewer")}
    document = await admin.fetchrow(
        "SELECT project_id, security_level_id FROM jira_private.issue_search WHERE issue_id = $1", issue
    )
    assert document is not None
    assert tuple(document) == (77, "9")
    forced = "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'jira.connections'::regclass"
    assert await admin.fetchval(forced) is True
    policies = "SELECT count(*) FROM pg_policies WHERE schemaname = 'jira' AND 'je_search' = ANY (roles)"
    assert await admin.fetchval(policies) == 0
    await admin.close()


async def _asked(
    database: TestDatabase,
    tenant: uuid.UUID,
    ids: dict[uuid.UUID, str],
    words: list[str],
    prefix: str | None,
    classes: list[str],
) -> set[str]:
    """The keys that both functions agree on."""
    reader = await asyncpg.connect(database.dsn("api-gateway"))
    try:
        async with reader.transaction():
            await reader.execute(f"SET LOCAL app.tenant = '{tenant}'")
            held = ([tenant] * len(classes), classes)
            rows = await reader.fetch(SEARCH, words, prefix, [tenant], [], [], [], [], *held, 100)
            matched = {issue for issue in ids if await reader.fetchval(MATCH, issue, tenant, words, prefix, *held)}
    finally:
        await reader.close()
    assert {row["issue_id"] for row in rows} == matched
    return {ids[issue] for issue in matched}


def test_migrations_stand_beside_the_package() -> None:
    assert (Path(MIGRATIONS) / "env.py").is_file()
