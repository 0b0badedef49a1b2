"""Sessions: listed page by page, ended one or all, and over when their tenant says so."""

from datetime import timedelta

from auth.usecases.end_sessions import expire_sessions
from common.contracts.access import SessionEndedV1


async def _set_times(owner, **days: int):
    version = (await owner.call("GET", "/tenant")).json()["version"]
    change = {"settings": {"sessions": days}}
    answer = await owner.call("PATCH", "/tenant", change, **{"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text


async def _ended(test_database):
    admin = await test_database.admin()
    rows = await admin.fetch(
        "SELECT convert_from(event, 'UTF8') AS event FROM auth.outbox WHERE type = $1", SessionEndedV1.type
    )
    await admin.close()
    return [row["event"] for row in rows]


async def test_more_than_two_hundred_sessions_are_paged_newest_first(auth):
    owner = await auth.owner()
    others = [await auth.owner() for _ in range(6)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await owner.call("GET", f"/auth/sessions?limit=3{cursor}")).json()
        seen += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    ids = [item["id"] for item in seen]
    assert ids[:6] == [other.signed["session_id"] for other in others[::-1]]
    assert len(ids) == len(set(ids)) == 7
    assert [item["current"] for item in seen] == [False] * 6 + [True]
    assert {item["method"] for item in seen} == {"password"}
    assert all(item["address"] == "192.0.2.1" and item["idle_until"] < item["expires"] for item in seen)


async def test_a_session_ends_when_it_is_not_used_for_as_long_as_the_tenant_says(auth, test_database):
    owner = await auth.owner()
    await _set_times(owner, idle_days=2, life_days=5)
    fresh = await auth.owner()
    assert fresh.signed["refresh_expires_in"] <= timedelta(days=2).total_seconds()
    auth.clock.move(timedelta(days=2, seconds=1))
    assert await expire_sessions(auth.app) == 1
    assert await expire_sessions(auth.app) == 0
    told = [event for event in await _ended(test_database) if fresh.signed["session_id"] in event]
    assert len(told) == 1
    assert '"expired"' in told[0]
    assert (await fresh.refresh()).status_code == 401


async def test_shorter_times_hold_for_sessions_that_run_already(auth):
    old = await auth.owner()
    owner = await auth.owner()
    await _set_times(owner, idle_days=1, life_days=3)
    auth.clock.move(timedelta(days=1, seconds=1))
    assert (await old.refresh()).status_code == 401


async def test_refreshing_ends_with_the_life_that_the_tenant_allows_now(auth):
    owner = await auth.owner()
    await _set_times(owner, idle_days=2, life_days=3)
    token = owner.signed["refresh_token"]
    auth.clock.move(timedelta(days=1, hours=12))
    signed = (await owner.refresh(token)).json()
    assert signed["refresh_expires_in"] <= timedelta(days=1, hours=12).total_seconds()
    auth.clock.move(timedelta(days=1, hours=12, seconds=1))
    assert (await owner.refresh(signed["refresh_token"])).status_code == 401


async def test_a_role_change_outdates_tokens_and_a_refresh_heals_it(auth):
    owner = await auth.owner()
    user = (await owner.add("member@example.com"))["id"]
    member = await auth.client().login("member@example.com", "correct horse battery")
    assert (await member.call("GET", "/me")).json()["role"] == "member"
    await owner.call("PATCH", f"/users/{user}", {"role": "viewer"})
    outdated = await member.call("GET", "/me")
    assert (outdated.status_code, outdated.json()["code"]) == (401, "auth.token_outdated")
    member.signed = (await member.refresh()).json()
    me = (await member.call("GET", "/me")).json()
    assert me["role"] == "viewer"
    assert "issues:write" not in me["scopes"]
