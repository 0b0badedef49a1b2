"""What the catalogue of a migrated database says: who owns, who may read, which tables are protected, who sees all."""

import importlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from common.db.roles import OWNED_SCHEMAS, SEARCH_ROLE, SERVICE_ROLES, SETTABLE_ROLES
from common.db.tenant_settings import READERS as SETTINGS_READERS
from common.db.tenant_settings import tenant_origins, tenant_settings
from common.testing.databases import TestDatabase

SCHEMAS = sorted({schema for schemas in OWNED_SCHEMAS.values() for schema in schemas})
STORES = (
    "api_gateway.audit.store.tables",
    "auth.store.across_tenants",
    "export_worker.store.tables",
    "jira_sync.store.across_tenants",
)
#: Who reads what is not his: role → schemas.
READERS = {"je_gateway": {"jira", "exports"}, "je_export": {"jira"}, "je_notifier": {"jira"}}

#: The two tables of auth that the other services may read (docs/adr/0015).
SETTINGS = {str(tenant_settings), str(tenant_origins)}


@pytest.fixture
async def admin(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await test_database.admin()
    yield connection
    await connection.close()


async def tables(admin: asyncpg.Connection) -> list[Any]:
    found: list[Any] = await admin.fetch(
        "SELECT n.nspname AS schema, c.relname AS name, c.oid,"
        " c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,"
        " pg_get_userbyid(c.relowner) AS owner, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid"
        "  AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS of_tenant"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY($1)",
        SCHEMAS,
    )
    return found


async def test_every_table_of_a_tenant_is_protected_also_from_its_owner(admin: asyncpg.Connection) -> None:
    found = await tables(admin)
    assert len(found) > 20
    naked = [f"{t['schema']}.{t['name']}" for t in found if t["of_tenant"] and not (t["secured"] and t["forced"])]
    # The tenants themselves are nobody's rows; the search documents are read by je_search alone (docs/adr/0004).
    assert sorted(naked) == ["auth.tenants", "jira_private.issue_search"]
    (search,) = (t for t in found if t["name"] == "issue_search")
    assert search["secured"]
    assert search["owner"] == SEARCH_ROLE


async def test_no_partition_can_be_read_around_its_parent(admin: asyncpg.Connection) -> None:
    open_ones = await admin.fetch(
        "SELECT c.oid::regclass::text AS name, r.rolname FROM pg_class c, pg_roles r"
        " WHERE c.relispartition AND c.relkind = 'r' AND r.rolname = ANY($1) AND r.oid <> c.relowner"
        " AND has_table_privilege(r.oid, c.oid, 'SELECT')",
        [*SERVICE_ROLES.values(), *(role for roles in SETTABLE_ROLES.values() for role in roles)],
    )
    assert [dict(row) for row in open_ones] == []


async def test_a_service_writes_only_its_own_schemas(admin: asyncpg.Connection) -> None:
    for role in SERVICE_ROLES.values():
        foreign = [t for t in await tables(admin) if t["schema"] not in OWNED_SCHEMAS[role]]
        for table in foreign:
            for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                allowed = await admin.fetchval(
                    "SELECT has_table_privilege($1, $2::oid, $3)", role, table["oid"], privilege
                )
                assert not allowed, f"{role} may {privilege} {table['schema']}.{table['name']}"


async def test_a_service_reads_another_schema_only_where_the_design_says_so(admin: asyncpg.Connection) -> None:
    for role in SERVICE_ROLES.values():
        readable = {*OWNED_SCHEMAS[role], *READERS.get(role, ())}
        for table in await tables(admin):
            may = await admin.fetchval("SELECT has_table_privilege($1, $2::oid, 'SELECT')", role, table["oid"])
            named = f"{table['schema']}.{table['name']}"
            shared = role in SETTINGS_READERS and named in SETTINGS
            assert not may or table["schema"] in readable or shared, f"{role} may read {named}"


async def test_nobody_but_its_owner_can_look_into_jira_private(test_database: TestDatabase) -> None:
    for service, role in SERVICE_ROLES.items():
        if role == "je_sync":
            continue
        connection = await asyncpg.connect(test_database.dsn(service))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT 1 FROM jira_private.issue_search")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE jira.mine (x int)")
        await connection.close()


async def test_not_even_jira_sync_may_read_the_search_documents(test_database: TestDatabase) -> None:
    connection = await asyncpg.connect(test_database.dsn("jira-sync"))
    await connection.execute("SELECT set_config('app.tenant', '00000000-0000-0000-0000-000000000001', false)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch("SELECT document FROM jira_private.issue_search")
    await connection.close()


async def test_roles_that_see_all_tenants_are_those_of_the_list_and_no_others(admin: asyncpg.Connection) -> None:
    declared = {
        (grant.table, grant.role) for store in STORES for grant in importlib.import_module(store).ACROSS_TENANTS
    }
    rows = await admin.fetch(
        "SELECT p.polrelid::regclass::text AS name, r.rolname AS role, pg_get_expr(p.polqual, p.polrelid) AS rule"
        " FROM pg_policy p JOIN pg_roles r ON r.oid = ANY(p.polroles)"
    )
    found = {(row["name"], row["role"]) for row in rows if row["rule"] == "true"}
    relays = {(name, role) for name, role in found if role.endswith("_relay")}
    assert relays == {
        ("auth.outbox", "je_auth_relay"),
        ("exports.outbox", "je_export_relay"),
        ("jira.changes", "je_sync_relay"),
    }
    assert found - relays == declared
    everybody = await admin.fetch(
        "SELECT p.polrelid::regclass::text AS name, pg_get_expr(p.polqual, p.polrelid) AS rule FROM pg_policy p"
        " WHERE p.polroles = '{0}'"
    )
    assert all("current_setting('app.tenant'" in row["rule"] for row in everybody)


async def test_no_service_may_set_a_role_of_another_or_pass_row_level_security(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname LIKE 'je\\_%'"
    )
    assert not any(row["rolsuper"] or row["rolbypassrls"] or row["rolinherit"] for row in rows)
    for login in SERVICE_ROLES.values():
        for other, roles in SETTABLE_ROLES.items():
            for role in roles:
                may = await admin.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", login, role)
                assert may is (login == other), f"{login} and {role}"
