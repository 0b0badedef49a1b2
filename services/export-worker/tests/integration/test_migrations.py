"""The schema: up, down, up again; protected; and open across tenants only where the list says so."""

from common.clock import utc_now
from common.db.migrating import downgrade, migrate
from common.ids import ConnectionId, TenantId, new_id
from common.issues.access import Access, ConnectionAccess
from common.issues.connected import LiveConnection
from export_worker.bootstrap import MIGRATIONS
from export_worker.store.tables import ACROSS_TENANTS, metadata


async def tables_of(database):
    admin = await database.admin()
    rows = await admin.fetch(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'exports' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    await admin.close()
    return {row["relname"]: (row["relrowsecurity"], row["relforcerowsecurity"]) for row in rows}


async def test_down_leaves_nothing_and_up_again_gives_the_same(test_database):
    dsn = test_database.admin_dsn
    before = await tables_of(test_database)
    await downgrade(MIGRATIONS, dsn, "exports")
    assert set(await tables_of(test_database)) <= {"alembic_version"}
    await migrate(MIGRATIONS, dsn, "exports")
    assert await tables_of(test_database) == before


async def test_files_of_before_grants_stay_with_who_sees_all_of_their_connections(test_database):
    """Migration from the first issue's data: nobody loses an export that he could fetch."""
    dsn, admin = test_database.admin_dsn, await test_database.admin()
    tenant, export, one, two = TenantId(new_id()), new_id(), ConnectionId(new_id()), ConnectionId(new_id())
    await downgrade(MIGRATIONS, dsn, "exports", "0001")
    await admin.execute(
        "INSERT INTO exports.jobs (tenant_id, export_id, kind, requested_by, access, source, format, locale, paper,"
        " status, total, created_at, file_name)"
        " VALUES ($1, $2, 'set', $1, 'of old', '{}', 'pdf', 'en', 'a4', 'finished', 3, $3, 'f')",
        *(tenant, export, utc_now()),
    )
    for ordinal, connection in enumerate((one, two, two), 1):
        await admin.execute(
            "INSERT INTO exports.items (tenant_id, export_id, ordinal, issue_id, connection_id, jira_id, key, revision,"
            " digest) VALUES ($1, $2, $3, $4, $5, 1, 'A-1', 1, 'd')",
            *(tenant, export, ordinal, new_id(), connection),
        )
    await migrate(MIGRATIONS, dsn, "exports")
    kept = await admin.fetchval("SELECT access FROM exports.jobs WHERE export_id = $1", export)
    await admin.close()
    held = [ConnectionAccess(LiveConnection(each, "", None, None), whole=True) for each in (one, two)]
    assert Access(tenant, tuple(held)).covers(kept)
    assert not Access(tenant, (held[0],)).covers(kept)


async def test_every_tenant_table_is_protected_from_its_owner_too(test_database):
    found = await tables_of(test_database)
    assert {table.name for table in metadata.tables.values()} <= set(found)
    with_tenant = {table.name for table in metadata.tables.values() if "tenant_id" in table.c}
    assert {name for name, protected in found.items() if protected == (True, True)} == with_tenant


async def test_only_the_listed_roles_look_across_tenants(test_database):
    admin = await test_database.admin()
    rows = await admin.fetch(
        "SELECT policyname, schemaname || '.' || tablename AS name FROM pg_policies "
        "WHERE schemaname = 'exports' AND policyname NOT IN ('tenant', 'je_export_relay')"
    )
    grants = await admin.fetch(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'exports' AND grantee = 'je_gateway'"
    )
    await admin.close()
    assert {(row["policyname"], row["name"]) for row in rows} == {(one.role, one.table) for one in ACROSS_TENANTS}
    assert [(row["table_name"], row["privilege_type"]) for row in grants] == [("jobs", "SELECT")]
