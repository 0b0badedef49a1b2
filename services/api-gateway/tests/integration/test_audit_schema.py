"""The audit table: the service can only add; a keeper deletes only what is past the tenant's retention."""

import asyncpg
import pytest

from api_gateway.audit.store.tables import ACROSS_TENANTS
from api_gateway.bootstrap import MIGRATIONS
from common.db.migrating import downgrade, migrate
from common.ids import TenantId, new_id
from common.testing import databases
from common.testing.databases import TestDatabase

_ADD = (
    'INSERT INTO gateway.audit_entries (tenant_id, entry_id, "at", source, actor_kind, action, outcome)'
    " VALUES ($1, $2, now() - make_interval(days => $3), 'auth', 'system', 'key.rotated', 'succeeded')"
)


@pytest.fixture
async def own_database(parts, database_template):
    """One that a test may take apart."""
    name = f"test_audit_{new_id().hex[-12:]}"
    yield await databases.clone(parts.postgres_dsn, database_template, name)
    await databases.drop(parts.postgres_dsn, name)


@pytest.fixture
async def service(test_database: TestDatabase):
    """A connection with the gateway's role, in no transaction."""
    connection = await asyncpg.connect(test_database.dsn("api-gateway"))
    yield connection
    await connection.close()


async def as_tenant(connection, tenant) -> None:
    await connection.execute("SELECT set_config('app.tenant', $1, false)", str(tenant))


async def added(connection, tenant, *days: int) -> None:
    await as_tenant(connection, tenant)
    for age in days:
        await connection.execute(_ADD, tenant, new_id(), age)


async def ages(connection) -> list[int]:
    rows = await connection.fetch('SELECT extract(day from now() - "at")::int AS days FROM gateway.audit_entries')
    return sorted(row["days"] for row in rows)


async def test_down_leaves_nothing_and_up_again_gives_the_same(own_database) -> None:
    dsn = own_database.admin_dsn
    await downgrade(MIGRATIONS, dsn, "gateway")
    admin = await own_database.admin()
    left = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'gateway'"
    assert await admin.fetchval(f"{left} AND relname LIKE 'audit%'") == 0
    await migrate(MIGRATIONS, dsn, "gateway")
    assert await admin.fetchval(f"{left} AND relname = 'audit_entries'") == 1
    await admin.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET action = 'audit.read'",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT (tenant_id, entry_id) DO UPDATE SET action = 'x'",
    ],
)
async def test_the_service_can_change_and_delete_nothing(service, statement: str) -> None:
    await added(service, new_id(), 400)
    for table in ("gateway.audit_entries", *(f"gateway.audit_entries_p{number}" for number in range(8))):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement.format(table))


async def test_no_partition_can_be_read_or_written_around_the_table(service) -> None:
    tenant = new_id()
    await as_tenant(service, tenant)
    for number in range(8):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch(f"SELECT 1 FROM gateway.audit_entries_p{number}")  # noqa: S608 - a number of ours


async def test_an_entry_of_another_tenant_can_neither_be_read_nor_added(service) -> None:
    mine, other = new_id(), new_id()
    await added(service, other, 1)
    await as_tenant(service, mine)
    assert await ages(service) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(_ADD, other, new_id(), 1)


async def test_the_keeper_deletes_only_what_is_past_the_retention_of_this_tenant(service, test_database) -> None:
    mine, other = TenantId(new_id()), TenantId(new_id())
    await added(service, other, 500)
    await added(service, mine, 1, 59, 61, 364, 366, 500)
    await service.execute("SET ROLE je_gateway_keeper")
    assert await service.execute("DELETE FROM gateway.audit_entries") == "DELETE 2"
    assert await ages(service) == [1, 59, 61, 364]
    admin = await test_database.admin()
    await admin.execute(
        "INSERT INTO auth.tenant_settings (tenant_id, version, settings, updated_at)"
        """ VALUES ($1, 2, '{"retention": {"audit_days": 60}}', now())""",
        mine,
    )
    await service.execute("DELETE FROM gateway.audit_entries")
    assert await ages(service) == [1, 59]
    # A value that no settings page takes: the database still keeps a month.
    await admin.execute(
        """UPDATE auth.tenant_settings SET settings = '{"retention": {"audit_days": 1}}' WHERE tenant_id = $1""", mine
    )
    await added_as_admin(admin, mine, 31)
    await service.execute("DELETE FROM gateway.audit_entries")
    assert await ages(service) == [1]
    assert await admin.fetchval("SELECT count(*) FROM gateway.audit_entries WHERE tenant_id = $1", other) == 1
    await admin.close()


async def added_as_admin(admin, tenant, age: int) -> None:
    await admin.execute(_ADD, tenant, new_id(), age)


async def test_the_keeper_can_change_nothing_and_add_nothing(service) -> None:
    await added(service, new_id(), 500)
    await service.execute("SET ROLE je_gateway_keeper")
    for statement in ("UPDATE gateway.audit_entries SET action = 'x'", "TRUNCATE gateway.audit_entries"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)


async def test_the_finder_sees_whose_an_entry_is_and_nothing_of_what_it_says(service) -> None:
    await added(service, new_id(), 1)
    await service.execute("SET ROLE je_gateway_finder")
    assert await service.fetchval('SELECT count(*) FROM (SELECT tenant_id, "at" FROM gateway.audit_entries) e') > 0
    for name in ("actor_id", "action", "address", "details"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch(f"SELECT {name} FROM gateway.audit_entries")  # noqa: S608 - names of ours


async def test_only_the_listed_roles_look_across_tenants(test_database) -> None:
    admin = await test_database.admin()
    rows = await admin.fetch(
        "SELECT policyname, schemaname || '.' || tablename AS name FROM pg_policies"
        " WHERE schemaname = 'gateway' AND qual = 'true'"
    )
    await admin.close()
    assert {(row["policyname"], row["name"]) for row in rows} == {(one.role, one.table) for one in ACROSS_TENANTS}
