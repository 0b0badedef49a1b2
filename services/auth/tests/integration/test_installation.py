"""Bootstrap, migrations, rights in the catalogue, and the rotation of keys on a real database."""

from datetime import timedelta

import jwt
import pytest
from pydantic import SecretStr

import auth.main  # noqa: F401 - all tables of all features
from auth.bootstrap import MIGRATIONS, bootstrap
from auth.store.across_tenants import ACROSS_TENANTS
from auth.store.tables import PROTECTED, WITHOUT_TENANT, metadata
from auth.usecases.purge import purge
from auth.usecases.rotate_signing_keys import rotate_signing_keys
from common.bootstrap import BootstrapContext
from common.db.migrating import downgrade, migrate
from common.db.tenant_settings import metadata as readable
from common.testing.databases import bootstrap_settings


@pytest.fixture
def context(test_database, kafka_settings, s3_settings):
    def made(changes):
        dsn = test_database.dsn("auth")
        settings = bootstrap_settings(test_database.admin_dsn, {"auth": dsn}, kafka_settings, s3_settings)
        return BootstrapContext(dsn, settings.model_copy(update=changes))

    return made


async def test_a_second_bootstrap_changes_no_password_and_tells_none(auth, context, capsys):
    await bootstrap(
        context({"first_owner_password": SecretStr("another good password"), "first_operator_password": None})
    )
    assert "password" not in capsys.readouterr().out
    await auth.owner()
    await auth.operator()


async def test_a_made_up_password_is_told_once_and_works(auth, context, capsys):
    changes = {"first_tenant_slug": "fresh", "first_owner_email": "Fresh@Example.com", "first_owner_password": None}
    await bootstrap(context(changes))
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "password" in line]
    assert told.startswith("First owner: fresh@example.com, password: ")
    await auth.client().login("fresh@example.com", told.rpartition(" ")[2], tenant="fresh")
    await bootstrap(context(changes))
    assert "password" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [
        {"first_owner_email": "operator@example.com"},
        {"first_owner_email": "nobody"},
        {"first_tenant_slug": "fresh", "first_tenant_name": "F", "first_owner_password": SecretStr("short")},
        {"first_tenant_slug": "Not A Slug"},
    ],
)
async def test_wrong_settings_stop_the_bootstrap(context, changes):
    with pytest.raises(Exception, match=r"differ|address|characters|pattern"):
        await bootstrap(context(changes))


async def test_down_and_up_again(test_database):
    dsn = test_database.admin_dsn
    await downgrade(MIGRATIONS, dsn, "auth")
    await migrate(MIGRATIONS, dsn, "auth")


async def test_every_table_with_a_tenant_is_protected_by_force(test_database):
    connection = await test_database.admin()
    rows = await connection.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS guarded,"
        " EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS of_tenant"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'auth' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    await connection.close()
    unguarded = {row["relname"] for row in rows if not row["guarded"]}
    of_nobody = {table.name for table in WITHOUT_TENANT} | {"password_resets", "erased_tenants"}
    assert unguarded == of_nobody | {"relay_state", "alembic_version"}
    assert {row["relname"] for row in rows if row["of_tenant"]} >= {table.name for table in PROTECTED}
    tables = [*metadata.tables.values(), *readable.tables.values()]
    assert {row["relname"] for row in rows} == {table.name for table in tables} | {"alembic_version"}


async def test_who_sees_all_tenants_is_exactly_the_list(test_database):
    connection = await test_database.admin()
    rows = await connection.fetch(
        "SELECT schemaname || '.' || tablename AS name, roles[1]::text AS role FROM pg_policies"
        " WHERE schemaname = 'auth' AND policyname <> 'tenant' AND NOT roles[1] = 'je_auth_relay'"
    )
    await connection.close()
    assert {(row["name"], row["role"]) for row in rows} == {(item.table, item.role) for item in ACROSS_TENANTS}


async def test_no_secret_of_a_sign_in_stands_in_the_database(auth, test_database):
    owner = await auth.owner()
    await owner.refresh()
    connection = await test_database.admin()
    for table in metadata.tables.values():
        for row in await connection.fetch(f'SELECT t::text FROM {table.schema}."{table.name}" t'):  # noqa: S608
            text = row[0]
            assert owner.signed["refresh_token"] not in text
            assert owner.signed["access_token"] not in text
            assert auth.owner_login["password"] not in text
    await connection.close()


async def test_keys_rotate_and_old_tokens_live_on(auth):
    owner = await auth.owner()
    before = jwt.get_unverified_header(owner.signed["access_token"])["kid"]
    auth.clock.move(timedelta(days=30))
    await rotate_signing_keys(auth.app)
    keys = [key["kid"] for key in (await auth.http.get("/.well-known/jwks.json")).json()["keys"]]
    assert len(keys) == 3
    assert before in keys
    again = await auth.owner()
    assert jwt.get_unverified_header(again.signed["access_token"])["kid"] != before
    auth.clock.move(timedelta(hours=1))
    await rotate_signing_keys(auth.app)
    assert before not in [key["kid"] for key in (await auth.http.get("/.well-known/jwks.json")).json()["keys"]]


async def test_private_keys_are_sealed(auth, test_database):
    await auth.owner()
    connection = await test_database.admin()
    rows = await connection.fetch("SELECT private_key, master_key_id FROM auth.signing_keys")
    await connection.close()
    raw = auth.app.ring.signing.private.private_bytes_raw()
    assert {row["master_key_id"] for row in rows} == {"k1"}
    assert all(raw not in row["private_key"] for row in rows)


async def test_what_is_over_is_forgotten(auth, test_database):
    owner = await auth.owner()
    await owner.refresh()
    auth.clock.move(timedelta(seconds=11))
    assert await purge(auth.app) == 0
    connection = await test_database.admin()
    assert await connection.fetchval("SELECT count(*) FROM auth.refresh_tokens WHERE salt IS NOT NULL") == 0
    auth.clock.move(timedelta(days=121))
    assert await purge(auth.app) == 1
    assert await connection.fetchval("SELECT count(*) FROM auth.refresh_tokens") == 0
    await connection.close()
