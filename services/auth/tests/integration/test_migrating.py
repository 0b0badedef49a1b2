"""The way from the first issue's data: people, sessions and refresh tokens of before go on working after it."""

from datetime import UTC, datetime, timedelta

import httpx
from asgi_lifespan import LifespanManager
from pwdlib.hashers.argon2 import Argon2Hasher

from auth.bootstrap import MIGRATIONS
from auth.domain.families import fingerprint, first_token
from auth.main import build
from common.db.migrating import downgrade, migrate
from common.ids import new_id

EMAIL, PASSWORD = "of.before@example.com", "a password of before"


async def old_rows(connection):
    """A person with a running session, written as the first version wrote it."""
    now = datetime.now(UTC)
    tenant, user, session, family = (new_id() for _ in range(4))
    token = first_token()
    hashed = Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1).hash(PASSWORD)
    await connection.execute(
        "INSERT INTO auth.users (user_id, email, name, password_hash, created_at, updated_at)"
        " VALUES ($1, $2, 'Of Before', $3, $4, $4)",
        user, EMAIL, hashed, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO auth.tenants (tenant_id, slug, name, created_at, updated_at)"
        " VALUES ($1, 'before', 'Before', $2, $2)",
        tenant, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO auth.memberships (tenant_id, user_id, role, created_at, updated_at)"
        " VALUES ($1, $2, 'owner', $3, $3)",
        tenant, user, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO auth.sessions (tenant_id, session_id, user_id, device, created_at, last_used_at, expires_at)"
        " VALUES ($1, $2, $3, 'Old client', $4, $4, $5)",
        tenant, session, user, now, now + timedelta(days=90),
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO auth.refresh_families (tenant_id, family_id, session_id, generation, expires_at)"
        " VALUES ($1, $2, $3, 1, $4)",
        tenant, family, session, now + timedelta(days=14),
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO auth.refresh_tokens (tenant_id, token_hash, family_id, generation, issued_at)"
        " VALUES ($1, $2, $3, 1, $4)",
        tenant, fingerprint(token), family, now,
    )  # fmt: skip
    return token


async def columns(connection, table):
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'auth' AND table_name = $1", table
    )
    return {row["column_name"] for row in rows}


async def test_a_session_and_a_refresh_token_of_before_go_on_after_the_migration(test_database, settings):
    dsn = test_database.admin_dsn
    admin = await test_database.admin()
    await downgrade(MIGRATIONS, dsn, "auth", "0001")
    assert "method" not in await columns(admin, "sessions")
    assert "email_verified_at" not in await columns(admin, "users")
    assert await columns(admin, "invitations") == set()
    token = await old_rows(admin)
    counts = "SELECT (SELECT count(*) FROM auth.users), (SELECT count(*) FROM auth.memberships)"
    before = tuple(await admin.fetchrow(counts))
    await migrate(MIGRATIONS, dsn, "auth")
    assert tuple(await admin.fetchrow(counts)) == before
    await admin.close()
    async with (
        LifespanManager(build(settings), startup_timeout=30, shutdown_timeout=30) as manager,
        httpx.AsyncClient(transport=httpx.ASGITransport(manager.app), base_url="http://auth.test") as http,
    ):
        refreshed = await http.post("/api/v1/auth/refresh", json={"refresh_token": token})
        assert refreshed.status_code == 200, refreshed.text
        bearer = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
        me = (await http.get("/api/v1/me", headers=bearer)).json()
        assert (me["email"], me["tenant"]["slug"], me["role"]) == (EMAIL, "before", "owner")
        sessions = (await http.get("/api/v1/auth/sessions", headers=bearer)).json()["items"]
        assert [item["device"] for item in sessions] == ["Old client"]
        again = await http.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
        assert again.status_code == 200
        assert (await http.get("/api/v1/tenant", headers=bearer)).json()["version"] == 1


async def test_down_to_the_first_version_and_up_again_keeps_the_people(test_database):
    dsn = test_database.admin_dsn
    admin = await test_database.admin()
    before = await admin.fetch("SELECT email, password_hash FROM auth.users ORDER BY email")
    await downgrade(MIGRATIONS, dsn, "auth", "0001")
    await migrate(MIGRATIONS, dsn, "auth")
    assert await admin.fetch("SELECT email, password_hash FROM auth.users ORDER BY email") == before
    await admin.close()
