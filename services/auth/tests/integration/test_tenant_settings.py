"""A tenant's settings: validated, bounded, versioned, in force at once and readable by the other services."""

import asyncio
from typing import Any

import asyncpg
import pytest

from auth.settings import TenantBounds
from common.db.tenant_settings import DEFAULTS, KnownSettings, find_tenants_of_origin
from common.ids import parse_id
from common.testing.databases import TestDatabase


async def read(client):
    answer = await client.call("GET", "/tenant")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def change(client, settings=None, *, version=None, **more: Any):
    version = (await read(client))["version"] if version is None else version
    body = {**more, **({} if settings is None else {"settings": settings})}
    return await client.call("PATCH", "/tenant", body, **{"If-Match": f'"{version}"'})


async def test_a_tenant_that_set_nothing_has_the_defaults_in_version_one(auth):
    seen = await read(await auth.owner())
    assert seen["version"] == 1
    assert seen["settings"] == DEFAULTS.model_dump(mode="json")


async def test_a_change_makes_a_version_that_says_who_changed_what(auth):
    owner = await auth.owner()
    answer = await change(owner, {"retention": {"audit_days": 90}, "branding": {"footer": "Secret"}}, name="New name")
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"].startswith('"2-')
    seen = await read(owner)
    assert (seen["name"], seen["version"]) == ("New name", 2)
    assert seen["settings"]["retention"] == {"audit_days": 90, "exports_days": None}
    (version,) = (await owner.call("GET", "/tenant/versions")).json()["items"]
    assert version["by"] == (await owner.call("GET", "/me")).json()["id"]
    assert version["changes"] == [
        {"path": "branding.footer", "before": None, "after": "Secret"},
        {"path": "name", "before": "Demo", "after": "New name"},
        {"path": "retention.audit_days", "before": 365, "after": 90},
    ]


async def test_null_takes_an_optional_value_back(auth):
    owner = await auth.owner()
    await change(owner, {"allowed_jira_hosts": ["*.Example.com", "jira.example.com", "*.example.com"]})
    assert (await read(owner))["settings"]["allowed_jira_hosts"] == ["*.example.com", "jira.example.com"]
    assert (await change(owner, {"allowed_jira_hosts": None})).json()["settings"]["allowed_jira_hosts"] is None


async def test_what_changes_nothing_makes_no_version(auth):
    owner = await auth.owner()
    assert (await change(owner, {"week_starts": "monday"})).json()["version"] == 1
    assert (await owner.call("GET", "/tenant/versions")).json()["items"] == []


async def test_an_older_version_is_not_written_over_a_newer_one(auth):
    owner = await auth.owner()
    answers = await asyncio.gather(
        *(change(owner, {"limits": {"concurrent_requests": 10 + n}}, version=1) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409).json()
    assert (late["code"], late["version"]) == ("tenant.changed_meanwhile", 2)


@pytest.mark.parametrize("tag", [None, "abc", '"x"', '"1', "-1"])
async def test_without_a_version_nothing_is_changed(auth, tag):
    owner = await auth.owner()
    headers = {} if tag is None else {"If-Match": tag}
    answer = await owner.call("PATCH", "/tenant", {"name": "X"}, **headers)
    if tag == '"1':
        assert answer.status_code == 200  # half a pair of quotes still names a version
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "tenant.version_needed")


REFUSED = [
    ({"sessions": {"idle_days": 0}}, "/settings/sessions/idle_days"),
    ({"sessions": {"idle_days": 100}}, "/settings/sessions"),
    ({"sessions": {"life_days": 366, "idle_days": 1}}, "/settings/sessions/life_days"),
    ({"sessions": None}, "/settings/sessions"),
    ({"retention": {"audit_days": 29}}, "/settings/retention/audit_days"),
    ({"retention": {"exports_days": 10**20}}, "/settings/retention/exports_days"),
    ({"retention": {"exports_days": "7"}}, "/settings/retention/exports_days"),
    ({"cors_origins": ["*"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["null"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["https://*.example.com"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["http://example.com"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["https://example.com/path"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["https://user@example.com"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["https://example.com:99999"]}, "/settings/cors_origins/0"),
    ({"cors_origins": ["https://exam ple.com"]}, "/settings/cors_origins/0"),
    ({"cors_origins": [f"https://h{n}.example.com" for n in range(51)]}, "/settings/cors_origins"),
    ({"allowed_jira_hosts": ["*"]}, "/settings/allowed_jira_hosts/0"),
    ({"allowed_jira_hosts": ["https://jira.example.com"]}, "/settings/allowed_jira_hosts/0"),
    ({"branding": {"colour": "red"}}, "/settings/branding/colour"),
    ({"branding": {"footer": "two\nlines"}}, "/settings/branding/footer"),
    ({"branding": {"logo": "x"}}, "/settings/branding/logo"),
    ({"week_starts": "friday"}, "/settings/week_starts"),
    ({"api_tokens": {"max_days": 731}}, "/settings/api_tokens/max_days"),
    ({"unknown": 1}, "/settings/unknown"),
]


@pytest.mark.parametrize(("wish", "pointer"), REFUSED)
async def test_settings_that_make_no_sense_are_refused_by_their_place(auth, wish, pointer):
    owner = await auth.owner()
    answer = await change(owner, wish, version=1)
    assert (answer.status_code, answer.json()["code"]) == (422, "tenant.invalid_settings"), answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await read(owner))["version"] == 1


async def test_a_value_from_before_narrower_bounds_may_stay(auth):
    owner = await auth.owner()
    assert (await change(owner, {"retention": {"exports_days": 300}})).status_code == 200
    narrow = auth.app.settings.model_copy(update={"tenants": TenantBounds(most_exports_days=100)})
    object.__setattr__(auth.app, "settings", narrow)
    assert (await change(owner, {"week_starts": "sunday"})).status_code == 200
    assert (await change(owner, {"retention": {"exports_days": 299}})).status_code == 422


async def test_sessions_last_as_long_as_the_tenant_says(auth):
    owner = await auth.owner()
    assert (await change(owner, {"sessions": {"idle_days": 2, "life_days": 3}})).status_code == 200
    again = await auth.owner()
    assert again.signed["refresh_expires_in"] == 2 * 86_400
    refreshed = (await owner.refresh()).json()
    assert refreshed["refresh_expires_in"] <= 2 * 86_400


async def test_a_slug_is_taken_only_once(auth):
    await auth.second_tenant()
    owner = await auth.owner()
    answer = await change(owner, slug="second")
    assert (answer.status_code, answer.json()["code"]) == (409, "auth.slug_taken")
    assert (await change(owner, slug="third")).json()["slug"] == "third"
    await auth.client().login(**auth.owner_login, tenant="third")


async def test_members_read_only_admins_change_and_the_operator_does_neither(auth):
    owner = await auth.owner()
    await owner.add("viewer@example.com", "viewer")
    viewer = await auth.client().login("viewer@example.com", "correct horse battery")
    assert (await read(viewer))["version"] == 1
    for method, path in (("PATCH", "/tenant"), ("GET", "/tenant/versions")):
        refused = await viewer.call(method, path, {"name": "X"} if method == "PATCH" else None)
        assert (refused.status_code, refused.json()["scope"]) == (403, "tenant:admin")
    operator = await auth.operator()
    assert (await operator.call("GET", "/tenant")).json()["code"] == "auth.no_tenant"
    assert (await operator.call("PATCH", "/tenant", {"name": "X"}, **{"If-Match": "1"})).status_code == 403


async def test_versions_come_page_by_page_the_newest_first(auth):
    owner = await auth.owner()
    for number in range(3):
        await change(owner, name=f"Name {number}")
    first = (await owner.call("GET", "/tenant/versions?limit=2")).json()
    assert [item["version"] for item in first["items"]] == [4, 3]
    rest = (await owner.call("GET", f"/tenant/versions?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["version"] for item in rest["items"]] == [2]
    assert rest["next_cursor"] is None


async def test_an_unchanged_tenant_answers_304_and_a_renamed_one_does_not(auth):
    owner = await auth.owner()
    tag = (await owner.call("GET", "/tenant")).headers["etag"]
    assert (await owner.call("GET", "/tenant", **{"If-None-Match": tag})).status_code == 304
    me = (await owner.call("GET", "/me")).json()
    operator = await auth.operator()
    await operator.call("PATCH", f"/tenants/{me['tenant']['id']}", {"name": "Renamed"})
    assert (await owner.call("GET", "/tenant", **{"If-None-Match": tag})).status_code == 200


@pytest.mark.parametrize("service", ["api-gateway", "export-worker", "jira-sync", "notifier"])
async def test_other_services_read_the_settings_of_one_tenant_and_write_none(
    auth, test_database: TestDatabase, service
):
    owner = await auth.owner()
    tenant = parse_id("ten", (await read(owner))["id"])
    boss = await auth.second_tenant()
    await change(owner, {"cors_origins": ["HTTPS://App.Example.com:443", "http://localhost:5173"]})
    async with test_database.open(service) as database:
        known = KnownSettings(database)
        seen = await known.of(tenant)
        assert seen.cors_origins == ["http://localhost:5173", "https://app.example.com"]
        assert (await known.of(parse_id("ten", (await read(boss))["id"]))).cors_origins == []
    connection = await asyncpg.connect(test_database.dsn(service))
    await connection.execute(f"SELECT set_config('app.tenant', '{tenant}', false)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("UPDATE auth.tenant_settings SET version = 9")
    for table in ("users", "memberships", "tenant_settings_versions", "invitations", "mails"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT 1 FROM auth.{table}")  # noqa: S608
    await connection.close()


async def test_what_is_known_is_read_again_after_five_seconds(auth, test_database: TestDatabase):
    owner, time = await auth.owner(), [0.0]
    tenant = parse_id("ten", (await read(owner))["id"])
    async with test_database.open("api-gateway") as database:
        known = KnownSettings(database, now=lambda: time[0])
        assert (await known.of(tenant)).week_starts == "monday"
        await change(owner, {"week_starts": "sunday"})
        time[0] = 4.9
        assert (await known.of(tenant)).week_starts == "monday"
        time[0] = 5.0
        assert (await known.of(tenant)).week_starts == "sunday"


async def test_a_door_finds_the_tenants_of_an_origin_and_forgets_those_taken_back(auth, test_database: TestDatabase):
    owner = await auth.owner()
    tenant = parse_id("ten", (await read(owner))["id"])
    await change(owner, {"cors_origins": ["https://app.example.com"]})
    for service, role in (("api-gateway", "je_gateway_finder"), ("notifier", "je_notifier_finder")):
        async with (
            test_database.open(service) as database,
            database.uow_for_all_tenants("whose origin is this", role=role) as across,
        ):
            assert await find_tenants_of_origin(across, "https://app.example.com") == {tenant}
            assert await find_tenants_of_origin(across, "https://other.example.com") == frozenset()
    await change(owner, {"cors_origins": []})
    async with (
        test_database.open("api-gateway") as database,
        database.uow_for_all_tenants("whose origin is this", role="je_gateway_finder") as across,
    ):
        assert await find_tenants_of_origin(across, "https://app.example.com") == frozenset()
