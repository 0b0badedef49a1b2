"""Who owns schemas and tables: never the role with which a service works; an older installation is handed over."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from common.db.provisioning import provision
from common.db.roles import OWNED_SCHEMAS, SEARCH_ROLE, SERVICE_ROLES, owner
from common.testing.databases import TestDatabase

WRITERS = {login: schemas for login, schemas in OWNED_SCHEMAS.items() if schemas}
SCHEMAS = [schema for schemas in WRITERS.values() for schema in schemas]
TENANT = "00000000-0000-0000-0000-00000000000a"

RELATIONS = """
SELECT c.relnamespace::regnamespace::text AS schema, c.oid::regclass::text AS name, c.relispartition AS inner,
    pg_get_userbyid(c.relowner) AS owner
FROM pg_class c WHERE c.relnamespace::regnamespace::text = ANY($1) AND c.relkind IN ('r', 'p')
ORDER BY c.oid
"""


@pytest.fixture
async def admin(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await test_database.admin()
    yield connection
    await connection.close()


async def rights(admin: asyncpg.Connection) -> dict[tuple[str, str], list[str]]:
    """(login, table) → what it may do with its rows."""
    rows = await admin.fetch(
        "SELECT login, c.oid::regclass::text AS name, ARRAY(SELECT r FROM unnest("
        "  ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r"
        "  WHERE has_table_privilege(login, c.oid, r)) AS rights"
        " FROM pg_class c, unnest($1::text[]) login"
        " WHERE c.relnamespace::regnamespace::text = ANY($2) AND c.relkind IN ('r', 'p')",
        list(SERVICE_ROLES.values()),
        SCHEMAS,
    )
    return {(row["login"], row["name"]): row["rights"] for row in rows if row["rights"]}


async def test_no_service_owns_a_schema_a_table_or_a_function(admin: asyncpg.Connection) -> None:
    owners = {schema: owner(login) for login, schemas in WRITERS.items() for schema in schemas}
    found = await admin.fetch(RELATIONS, SCHEMAS)
    assert len(found) > 60
    foreign = {row["name"] for row in found if row["owner"] != owners[row["schema"]]}
    assert all(name.startswith("jira_private.issue_search") for name in foreign)
    assert {row["owner"] for row in found if row["name"] in foreign} == {SEARCH_ROLE}
    schemas = await admin.fetch("SELECT nspname, pg_get_userbyid(nspowner) AS owner FROM pg_namespace")
    assert {row["nspname"]: row["owner"] for row in schemas if row["nspname"] in owners} == owners
    routines = await admin.fetch(
        "SELECT pg_get_userbyid(proowner) AS owner FROM pg_proc WHERE pronamespace::regnamespace::text = ANY($1)",
        SCHEMAS,
    )
    assert not {row["owner"] for row in routines} & set(SERVICE_ROLES.values())


async def test_no_service_may_become_an_owner(admin: asyncpg.Connection) -> None:
    for login in SERVICE_ROLES.values():
        for role in (*map(owner, WRITERS), SEARCH_ROLE):
            assert not await admin.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", login, role), (login, role)
    rows = await admin.fetch("SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'je\\_%'")
    logins = {row["rolname"] for row in rows if row["rolcanlogin"]}
    assert logins == set(SERVICE_ROLES.values())


@pytest.mark.parametrize("service", [name for name, login in SERVICE_ROLES.items() if login in WRITERS])
async def test_a_service_cannot_lift_its_own_protection(test_database: TestDatabase, service: str) -> None:
    admin = await test_database.admin()
    schemas = list(OWNED_SCHEMAS[SERVICE_ROLES[service]])
    tables = [row["name"] for row in await admin.fetch(RELATIONS, schemas)]
    await admin.close()
    assert tables
    connection = await asyncpg.connect(test_database.dsn(service))
    try:
        for table in tables:
            for statement in (
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY mine ON {table} USING (true)",
                f"TRUNCATE {table}",
                f"DROP TABLE {table}",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for schema in schemas:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"CREATE TABLE {schema}.mine (x int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"DELETE FROM {schemas[0]}.alembic_version")  # noqa: S608
    finally:
        await connection.close()


async def test_rights_are_rows_of_own_tables_and_what_the_list_says(admin: asyncpg.Connection) -> None:
    found = await rights(admin)
    everything = {tuple(kinds) for kinds in found.values()}
    assert not {kind for kinds in everything for kind in kinds} & {"TRUNCATE", "REFERENCES", "TRIGGER"}
    foreign = {
        (login, name)
        for (login, name), kinds in found.items()
        if name.split(".")[0] not in OWNED_SCHEMAS[login] and set(kinds) != {"SELECT"}
    }
    assert foreign == set()
    only_adds = {"gateway.audit_entries"}
    narrowed = {
        name for (login, name), kinds in found.items() if name.split(".")[0] in OWNED_SCHEMAS[login] and len(kinds) < 4
    }
    assert narrowed == {*only_adds, "jira_private.issue_search"}


async def test_an_installation_whose_services_own_their_tables_is_handed_over(test_database: TestDatabase) -> None:
    """As bootstrap meets it after an update: every relation and routine belongs to the login, rows are in it."""
    admin = await test_database.admin()
    before = await rights(admin)
    await _as_it_was(admin)
    await admin.execute(
        "INSERT INTO jira_private.sync_leases (tenant_id, connection_id, expires_at) VALUES ($1, $1, now())", TENANT
    )
    dsns = {service: test_database.dsn(service) for service in SERVICE_ROLES}
    for _ in range(2):
        await provision(test_database.admin_dsn, dsns)
        assert await rights(admin) == before
    left = [dict(row) for row in await admin.fetch(RELATIONS, SCHEMAS) if row["owner"] in SERVICE_ROLES.values()]
    assert left == []
    await admin.close()
    service = await asyncpg.connect(test_database.dsn("jira-sync"))
    await service.execute(f"SET app.tenant = '{TENANT}'")
    assert await service.fetchval("SELECT count(*) FROM jira_private.sync_leases") == 1
    await service.close()


async def _as_it_was(admin: Any) -> None:
    for login, schemas in WRITERS.items():
        for schema in schemas:
            await admin.execute(f"ALTER SCHEMA {schema} OWNER TO {login}")
        for row in await admin.fetch(RELATIONS, list(schemas)):
            if row["owner"] == owner(login) and not row["name"].startswith("gateway."):
                await admin.execute(f"ALTER TABLE {row['name']} OWNER TO {login}")


async def test_of_a_living_tenant_the_eraser_deletes_no_audit_entry(test_database: TestDatabase) -> None:
    service = await asyncpg.connect(test_database.dsn("api-gateway"))
    await service.execute(f"SET app.tenant = '{TENANT}'")
    await service.execute(
        "INSERT INTO gateway.audit_entries (tenant_id, entry_id, at, source, actor_kind, action, outcome)"
        " VALUES ($1, $1, now(), 'auth', 'system', 'key.rotated', 'succeeded')",
        TENANT,
    )
    await service.execute("SET ROLE je_gateway_eraser")
    assert await service.execute("DELETE FROM gateway.audit_entries") == "DELETE 0"
    await service.execute("RESET ROLE")
    await service.execute(
        "INSERT INTO gateway.erased_tenants (digest) VALUES (sha256('erased-tenant:'::bytea || uuid_send($1::uuid)))",
        TENANT,
    )
    await service.execute("SET ROLE je_gateway_eraser")
    assert await service.execute("DELETE FROM gateway.audit_entries") == "DELETE 1"
    await service.close()
