"""A tenant is deleted to its last row, file and key, whatever stops the job on its way; its neighbour loses nothing."""

import asyncio
import dataclasses
import time
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from redis.asyncio import Redis

from api_gateway.audit.store.tables import erased_tenants as erased_of_gateway
from api_gateway.outbound.redis_keys import RedisKeys
from api_gateway.usecases.erase_tenant import erase_tenant as erase_in_gateway
from auth.erasing.domain.deletion import Deletion
from auth.erasing.store.deletions import begin_deletion
from auth.erasing.usecases.erase_tenants import erase_tenants
from auth.settings import ErasingSettings
from common.clock import utc_now
from common.crypto import Sealer
from common.db.data_keys import TenantSealer
from common.db.erased import TenantGone, is_erased
from common.ids import PLATFORM, ExportId, TenantId, parse_id, public_id
from common.testing.databases import crypto_settings
from export_worker.outbound.object_storage import S3Storage
from export_worker.store.steps import object_prefix
from export_worker.usecases.erase_tenant import erase_tenant as erase_in_exports
from export_worker.usecases.start_export import start_export
from jira_sync.app import Wakes
from jira_sync.store.leases import acquire_lease
from jira_sync.store.tables import data_keys
from jira_sync.usecases.erase_tenant import erase_tenant as erase_in_sync
from jira_sync.usecases.purge_connection import purge_connection

PASSWORD = "correct horse battery"
#: Values that a check of the schema asks for; everything else is made up by type.
CHECKED = {
    "state": "active",
    "exports.steps.state": "open",
    "status": "queued",
    "role": "member",
    "subject_kind": "role",
    "jira.grants.kind": "project",
    "auth.mails.kind": "invitation",
}
TENANT_TABLES = """
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace::regnamespace::text IN ('auth', 'gateway', 'jira', 'jira_private', 'exports')
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'tenant_id' AND NOT a.attisdropped
ORDER BY 1
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type FROM pg_attribute a
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND a.attidentity = ''
    AND NOT a.atthasdef
"""
BY_TYPE = {
    "bigint": "1",
    "integer": "1",
    "smallint": "1",
    "boolean": "true",
    "jsonb": "'{}'::jsonb",
    "text[]": "'{}'::text[]",
    "timestamp with time zone": "now() + interval '1 hour'",  # nothing is due, and nothing is over
    "tsvector": "''::tsvector",
    "double precision": "1",
    "interval": "interval '1 day'",
}


@pytest.fixture
def settings(settings):
    """The job asks again at once, and nothing is thought to be under way."""
    fast = ErasingSettings(check_every=timedelta(milliseconds=100), settle=timedelta(0))
    return settings.model_copy(update={"erasing": fast})


async def fill(admin, tenant: TenantId) -> dict[str, int]:
    """One row of the tenant in every table that has tenants, as far as there is none; how many rows each has."""
    filled = {}
    await admin.execute("SET session_replication_role = replica")
    for row in await admin.fetch(TENANT_TABLES):
        table = row["name"]
        if await count(admin, table, tenant) == 0:
            values = {}
            for column in await admin.fetch(COLUMNS, table):
                name = column["name"]
                wanted = CHECKED.get(f"{table}.{name}", CHECKED.get(name))
                own = {"uuid": f"'{tenant}'", "text": f"'{tenant}'", "bytea": f"uuid_send('{tenant}')"}
                made = {**BY_TYPE, **own}[column["type"]]
                values[name] = made if wanted is None or column["type"] != "text" else f"'{wanted}'"
            if table == "jira_private.sync_leases":
                values["expires_at"] = "now()"  # no node works for the connection
            if table in ("auth.outbox", "exports.outbox", "jira.changes"):
                values["position"] = "1"
            names = ", ".join(f'"{name}"' for name in values)
            await admin.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})")  # noqa: S608
        filled[table] = await count(admin, table, tenant)
    await admin.execute("SET session_replication_role = origin")
    return filled


async def count(admin, table: str, tenant: TenantId) -> int:
    found: int = await admin.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", tenant)  # noqa: S608
    return found


async def rows(admin, tenant: TenantId) -> dict[str, int]:
    """Tables with rows of the tenant, by the catalogue and past every policy."""
    counts = {row["name"]: await count(admin, row["name"], tenant) for row in await admin.fetch(TENANT_TABLES)}
    return {table: number for table, number in counts.items() if number}


class AllServices:
    """The other services' own use cases on the same database, bucket and Redis."""

    def __init__(self, database, s3, redis) -> None:
        self.sync_db, self.exports_db = database.open("jira-sync"), database.open("export-worker")
        self.gateway_db = database.open("api-gateway")
        self.storage, self.keys = S3Storage(s3), RedisKeys(redis)
        sealer = TenantSealer(Sealer(crypto_settings()), data_keys)
        self.sync = SimpleNamespace(db=self.sync_db, sealer=sealer, clock=utc_now, wakes=Wakes())
        self.exports = SimpleNamespace(db=self.exports_db, storage=self.storage, work=asyncio.Event())
        self.gateway = SimpleNamespace(db=self.gateway_db, redis_keys=self.keys)
        self.names = ("jira-sync", "export-worker", "api-gateway")
        self.away: set[str] = set()

    async def erase(self, service: str, tenant: TenantId) -> Mapping[str, int] | None:
        if service in self.away:
            return None
        if service == "jira-sync":
            left = await erase_in_sync(self.sync, tenant)
            await self._purge(tenant)
            return left
        if service == "export-worker":
            return await erase_in_exports(self.exports, tenant)
        return await erase_in_gateway(self.gateway, tenant)

    async def _purge(self, tenant: TenantId) -> None:
        """As the nodes of jira-sync do for connections that are deleted."""
        async with self.sync_db.uow(tenant) as tx:
            lease = await acquire_lease(tx, UUID(str(tenant)), "node", timedelta(seconds=5))
        if lease is not None:
            await purge_connection(self.sync, lease)


@pytest.fixture
async def services(test_database, s3_settings, redis_settings):
    made = AllServices(test_database, s3_settings, redis_settings)
    async with made.sync_db, made.exports_db, made.gateway_db:
        yield made
    await made.keys.close()


@pytest.fixture
async def admin(test_database):
    connection = await test_database.admin()
    for schema, feed in (("exports", "outbox"), ("jira", "changes")):
        await connection.execute(
            f"INSERT INTO {schema}.relay_state (feed, epoch, last_position, published_position)"  # noqa: S608
            f" VALUES ('{feed}', 'e', 10, 10)"
        )
    yield connection
    await connection.close()


async def gone(auth, path: str, seconds: float = 30) -> None:
    operator = await auth.operator()
    until = time.monotonic() + seconds
    while (answer := await operator.call("GET", path)).status_code != 404:
        assert time.monotonic() < until, answer.text
        await asyncio.sleep(0.1)


async def gone_by(app, seconds: float = 20) -> None:
    """Rounds of the job until the tenant is gone: what the relay has not published yet holds it back."""
    until = time.monotonic() + seconds
    while await erase_tenants(app) == 0:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


async def tenant_of(client) -> TenantId:
    return TenantId(parse_id("ten", (await client.call("GET", "/me")).json()["tenant"]["id"]))


async def test_a_deleted_tenant_leaves_no_row_no_file_no_key_and_its_neighbour_everything(
    auth, admin, services, redis_settings
):
    object.__setattr__(auth.app, "erasers", services)
    owner, boss = await auth.owner(), await auth.second_tenant()
    await boss.add("only-here@example.com")
    await owner.add("both@example.com")
    doomed, neighbour = await tenant_of(boss), await tenant_of(owner)
    await admin.execute(
        "INSERT INTO auth.memberships (tenant_id, user_id, role, created_at, updated_at)"
        " SELECT $1, user_id, 'member', now(), now() FROM auth.users WHERE email = 'both@example.com'",
        doomed,
    )
    assert await fill(admin, doomed)
    before = await fill(admin, neighbour)
    export = ExportId(doomed)
    for tenant in (doomed, neighbour):
        await services.storage.put(object_prefix(tenant, export) + "1-1.pdf", b"x", file_name="a.pdf", locale="en")
    redis = Redis.from_url(redis_settings.url.get_secret_value())
    names = [f"gateway:{{{tenant}}}:body:x" for tenant in (doomed, neighbour)]
    for name in (*names, f"cache:{public_id('ten', doomed)}:y"):
        await redis.set(name, b"x", ex=60)

    operator = await auth.operator()
    path = f"/tenants/{public_id('ten', doomed)}"
    answer = await operator.call("DELETE", path)
    assert answer.status_code == 202
    assert answer.json()["status"] == "deleting"
    assert answer.headers["location"] == answer.json()["links"]["self"] == f"/api/v1{path}"
    assert (await boss.call("GET", "/me")).status_code == 401
    await gone(auth, path)

    assert await rows(admin, doomed) == {}
    assert await redis.keys(f"*{doomed}*") == await redis.keys(f"*{public_id('ten', doomed)}*") == []
    assert await services.storage.delete_prefix(f"exports/{doomed}/") == 0
    people = {row["email"] for row in await admin.fetch("SELECT email FROM auth.users")}
    assert {"both@example.com", "owner@example.com"} <= people
    assert not {"only-here@example.com", "boss@example.com"} & people
    # The neighbour has everything still; signing in and out meanwhile may only have added rows.
    after = await rows(admin, neighbour)
    assert {table for table, number in before.items() if after.get(table, 0) < number} == set()
    assert await redis.get(names[1]) == b"x"
    # The neighbour of all these tests is one and the same, and so is the bucket.
    assert await services.storage.delete_prefix(f"exports/{neighbour}/") >= 1
    entries = await admin.fetch("SELECT tenant_id, convert_from(event, 'UTF8') AS event FROM auth.outbox")
    told = [row for row in entries if "tenant.deleted" in row["event"]]
    assert [row["tenant_id"] for row in told] == [PLATFORM]
    assert public_id("ten", doomed) in told[0]["event"]
    await redis.aclose()


async def test_a_service_that_is_away_keeps_the_tenant_there_and_is_named(auth, admin, services):
    object.__setattr__(auth.app, "erasers", services)
    services.away = {"export-worker"}
    doomed = await tenant_of(await auth.second_tenant())
    await fill(admin, doomed)
    operator, path = await auth.operator(), f"/tenants/{public_id('ten', doomed)}"
    assert (await operator.call("DELETE", path)).status_code == 202
    until = time.monotonic() + 20
    while True:
        shown = (await operator.call("GET", path)).json()
        if set(shown["deletion"]["left"]) == {"auth"} and shown["deletion"]["waiting_for"] == ["export-worker"]:
            break
        assert time.monotonic() < until, shown
        await asyncio.sleep(0.1)
    assert shown["state"] == "deleting"
    assert 0 < shown["deletion"]["progress"]["done"] < shown["deletion"]["progress"]["total"]
    left = await rows(admin, doomed)
    assert {table.split(".")[0] for table in left} == {"auth", "exports"}
    services.away = set()
    await gone(auth, path)
    assert await rows(admin, doomed) == {}


class Killed(BaseException):
    """What kill -9 is to the code: nothing after it runs."""


class MortalDatabase:
    """A database whose user dies at the nth transaction that it begins."""

    def __init__(self, inner, budget: list[int]) -> None:
        self._inner, self._budget = inner, budget

    def _spend(self) -> None:
        self._budget[0] -= 1
        if self._budget[0] < 0:
            raise Killed

    def uow(self, tenant):
        self._spend()
        return self._inner.uow(tenant)

    def uow_for_all_tenants(self, reason, *, role):
        self._spend()
        return self._inner.uow_for_all_tenants(reason, role=role)

    def connection(self):
        self._spend()
        return self._inner.connection()


async def test_killed_at_any_transaction_the_job_goes_on_where_it_was(auth, admin, services):
    doomed = await tenant_of(await auth.second_tenant())
    await fill(admin, doomed)
    async with auth.app.db.uow(PLATFORM) as tx:
        assert await begin_deletion(tx, doomed, Deletion(utc_now(), None))
    budget = [0]
    for app in (services.sync, services.exports, services.gateway):
        app.db = MortalDatabase(app.db, budget)
    mortal = dataclasses.replace(auth.app, db=MortalDatabase(auth.app.db, budget), erasers=services)
    deaths = 0
    for life in range(1, 2000):
        budget[0] = life
        try:
            await erase_tenants(mortal)
        except Killed:
            deaths += 1
        if not await admin.fetchval("SELECT 1 FROM auth.tenants WHERE tenant_id = $1", doomed):
            break
        # The lease of the dead process ends.
        await admin.execute("UPDATE auth.tenants SET deletion_leased_until = NULL WHERE tenant_id = $1", doomed)
    assert deaths > 20
    assert await rows(admin, doomed) == {}
    told = await admin.fetchval("SELECT count(*) FROM auth.outbox WHERE event LIKE '%tenant.deleted%'::bytea")
    assert told == 1


async def test_two_processes_never_work_for_one_deletion(auth, admin, services):
    doomed = await tenant_of(await auth.second_tenant())
    async with auth.app.db.uow(PLATFORM) as tx:
        await begin_deletion(tx, doomed, Deletion(utc_now(), None))
    await admin.execute(
        "UPDATE auth.tenants SET deletion_leased_until = now() + interval '1 minute' WHERE tenant_id = $1", doomed
    )
    assert await erase_tenants(dataclasses.replace(auth.app, erasers=services)) == 0
    assert await admin.fetchval("SELECT deletion -> 'left' FROM auth.tenants WHERE tenant_id = $1", doomed) == "null"


async def test_nothing_goes_before_what_was_under_way_has_ended(auth, admin, services):
    doomed = await tenant_of(await auth.second_tenant())
    async with auth.app.db.uow(PLATFORM) as tx:
        await begin_deletion(tx, doomed, Deletion(utc_now(), None))
    slow = auth.app.settings.model_copy(
        update={"erasing": auth.settings.erasing.model_copy(update={"settle": timedelta(minutes=3)})}
    )
    patient = dataclasses.replace(auth.app, settings=slow, erasers=services)
    assert await erase_tenants(patient) == 0
    await admin.execute("UPDATE auth.tenants SET deletion_leased_until = NULL")
    assert (await rows(admin, doomed)).keys() >= {"auth.memberships", "auth.sessions"}
    auth.clock.move(timedelta(minutes=4))
    await gone_by(patient)


async def test_what_comes_late_for_an_erased_tenant_is_dropped(auth, admin, services):
    late = TenantId(UUID(int=0x1A7E))
    for name in services.names:
        await services.erase(name, late)
    with pytest.raises(TenantGone):
        await start_export(ExportId(UUID(int=1)), UUID(int=2), late, services.exports)
    async with services.gateway_db.uow(late) as tx:
        assert await is_erased(tx, erased_of_gateway, late)
    assert await rows(admin, late) == {}


async def test_the_same_key_does_not_bring_a_deleted_tenant_back(auth, services):
    object.__setattr__(auth.app, "erasers", services)
    operator = await auth.operator()
    body = {"name": "Second", "slug": "second", "owner": {"email": "boss@example.com", "password": PASSWORD}}
    made = (await operator.call("POST", "/tenants", body, **{"Idempotency-Key": "k"})).json()
    await operator.call("DELETE", f"/tenants/{made['id']}")
    await gone(auth, f"/tenants/{made['id']}")
    again = await operator.call("POST", "/tenants", body, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["code"]) == (410, "tenant.gone")
    fresh = await operator.call("POST", "/tenants", body)
    assert fresh.status_code == 201, fresh.text


async def test_what_the_relay_has_not_published_yet_stays_until_it_has(admin, services):
    tenant = TenantId(UUID(int=0xFEED))
    await fill(admin, tenant)
    await admin.execute("UPDATE exports.outbox SET position = 11 WHERE tenant_id = $1", tenant)
    assert await services.erase("export-worker", tenant) == {"exports.outbox": 1}
    await admin.execute("UPDATE exports.relay_state SET published_position = 11")
    assert await services.erase("export-worker", tenant) == {}
