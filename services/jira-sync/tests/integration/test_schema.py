"""The schemas: models and migrations agree, go down and up again, and nobody reads what is not his."""

import uuid
from pathlib import Path

import asyncpg
import pytest

from common.db.migrating import downgrade, migrate
from common.issues.tables import metadata as mirror
from common.testing.databases import TestDatabase
from jira_sync.bootstrap import MIGRATIONS
from jira_sync.store.across_tenants import ACROSS_TENANTS
from jira_sync.store.tables import metadata as private
from jira_sync.store.tables import relay_state

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
    dsn = test_database.dsn("jira-sync")
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
    assert found == search | {relay_state.name, "alembic_version"}


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
        found = await writer.fetch("SELECT issue_id FROM jira.search_ids('{apple}', NULL, $1, 15)", classes)
        every = await writer.fetch("SELECT issue_id FROM jira.search_ids('{apple}', NULL, $1, 100)", classes)
    await writer.close()
    assert (len({row["issue_id"] for row in found}), len(found)) == (15, 15)
    assert len({row["issue_id"] for row in every}) == len(every) == 20


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
            rows = await reader.fetch("SELECT issue_id FROM jira.search_ids($1, $2, $3, 100)", words, prefix, classes)
            matched = {
                issue
                for issue in ids
                if await reader.fetchval("SELECT jira.search_match($1, $2, $3, $4)", issue, words, prefix, classes)
            }
    finally:
        await reader.close()
    assert {row["issue_id"] for row in rows} == matched
    return {ids[issue] for issue in matched}


def test_migrations_stand_beside_the_package() -> None:
    assert (Path(MIGRATIONS) / "env.py").is_file()
