"""A tenant always has an active owner, and only owners make or unmake one."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from common.ids import parse_id

PASSWORD = "correct horse battery"


async def roles(client):
    return {item["email"]: item["role"] for item in (await client.call("GET", "/users")).json()["items"]}


def refusal(answer):
    return answer.status_code, answer.json()["code"]


async def id_of(client):
    return (await client.call("GET", "/me")).json()["id"]


async def test_the_owner_hands_the_tenant_over_and_stays_as_admin(auth):
    owner = await auth.owner()
    made = await owner.add("next@example.com", "viewer")
    answer = await owner.call("POST", "/tenant/ownership", {"user": made["id"]})
    assert (answer.status_code, answer.json()["role"]) == (200, "owner")
    again = await auth.owner()
    assert await roles(again) == {"owner@example.com": "admin", "next@example.com": "owner"}
    refused = await again.call("POST", "/tenant/ownership", {"user": made["id"]})
    assert refusal(refused) == (403, "auth.owner_only")


async def test_a_machine_hands_nothing_over(auth):
    owner = await auth.owner()
    heir = await owner.add("heir@example.com", role="admin")
    made = await owner.call("POST", "/auth/tokens", {"name": "machine", "scopes": ["users:admin"]})
    machine = auth.client()
    machine.signed = {"access_token": made.json()["token"]}
    refused = await machine.call("POST", "/tenant/ownership", {"user": heir["id"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.session_needed")


async def test_only_an_active_member_can_become_owner(auth):
    owner = await auth.owner()
    asleep = await owner.add("asleep@example.com")
    await owner.call("PATCH", f"/users/{asleep['id']}", {"active": False})
    boss = await auth.second_tenant()
    for user in (asleep["id"], await id_of(boss)):
        assert (await owner.call("POST", "/tenant/ownership", {"user": user})).status_code == 404
    mine = await id_of(owner)
    assert refusal(await owner.call("POST", "/tenant/ownership", {"user": mine})) == (422, "auth.owner_already")
    assert (await owner.call("POST", "/tenant/ownership", {"user": "usr_x"})).status_code == 400
    assert (await roles(owner))["owner@example.com"] == "owner"


async def test_an_admin_transfers_nothing(auth):
    owner = await auth.owner()
    made = await owner.add("admin@example.com", "admin")
    admin = await auth.client().login("admin@example.com", PASSWORD)
    assert refusal(await admin.call("POST", "/tenant/ownership", {"user": made["id"]})) == (422, "auth.owner_already")
    other = await owner.add("other@example.com")
    assert refusal(await admin.call("POST", "/tenant/ownership", {"user": other["id"]})) == (403, "auth.owner_only")


@pytest.mark.parametrize("wish", [{"role": "member"}, {"active": False}, None])
async def test_two_owners_who_unmake_each_other_at_once_leave_one(auth, wish):
    first = await auth.owner()
    made = await first.add("second@example.com", "owner")
    second = await auth.client().login("second@example.com", PASSWORD)
    mine = await id_of(first)
    how = "DELETE" if wish is None else "PATCH"
    answers = await asyncio.gather(
        first.call(how, f"/users/{made['id']}", wish), second.call(how, f"/users/{mine}", wish)
    )
    good = [answer for answer in answers if answer.status_code in (200, 204)]
    assert len(good) == 1
    assert next(answer for answer in answers if answer not in good).status_code in (401, 403, 409)


async def test_a_transfer_and_a_removal_at_once_leave_an_owner(auth, test_database):
    first = await auth.owner()
    made = await first.add("second@example.com", "owner")
    second = await auth.client().login("second@example.com", PASSWORD)
    mine = await id_of(first)
    await asyncio.gather(
        first.call("POST", "/tenant/ownership", {"user": made["id"]}), second.call("DELETE", f"/users/{mine}")
    )
    connection = await test_database.admin()
    tenant = "(SELECT tenant_id FROM auth.tenants WHERE slug = 'demo')"
    owners = f"SELECT count(*) FROM auth.memberships WHERE role = 'owner' AND active AND tenant_id = {tenant}"  # noqa: S608
    assert await connection.fetchval(owners) >= 1
    await connection.close()


BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"


async def blocked(connection):
    async with asyncio.timeout(10):
        while not await connection.fetchval(BLOCKED):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", ["change", "transfer"])
async def test_a_change_of_rights_is_dated_when_its_turn_has_come(auth, test_database, how):
    """Dated before a change that overtook it, it would let tokens made between the two outlive it."""
    owner = await auth.owner()
    user = (await owner.add("member@example.com"))["id"]
    asked = {
        "change": ("PATCH", f"/users/{user}", {"role": "viewer"}),
        "transfer": ("POST", "/tenant/ownership", {"user": user}),
    }
    connection = await test_database.admin()
    async with connection.transaction():
        await connection.execute("SELECT FROM auth.tenants WHERE slug = 'demo' FOR UPDATE")
        waiting = asyncio.create_task(owner.call(*asked[how]))
        await blocked(connection)
        auth.clock.move(timedelta(seconds=5))
        turn = auth.clock()
    assert (await waiting).status_code == 200
    dated = "SELECT updated_at FROM auth.memberships WHERE user_id = $1"
    assert await connection.fetchval(dated, parse_id("usr", user)) >= turn
    await connection.close()


async def entries(test_database):
    """Actions in the order in which they were written, with who did them."""
    connection = await test_database.admin()
    rows = await connection.fetch("SELECT event FROM auth.outbox WHERE type LIKE '%audit%' ORDER BY seq")
    await connection.close()
    return [orjson.loads(row["event"])["data"] for row in rows]


async def test_every_change_of_members_is_in_the_audit_log(auth, test_database):
    owner = await auth.owner()
    made = await owner.add("member@example.com")
    path = f"/users/{made['id']}"
    await owner.call("PATCH", path, {"role": "admin"})
    await owner.call("PATCH", path, {"active": False})
    await owner.call("PATCH", path, {"active": True})
    await owner.call("POST", "/tenant/ownership", {"user": made["id"]})
    member = await auth.client().login("member@example.com", PASSWORD)
    change = {"current_password": PASSWORD, "new_password": "another set of words"}
    assert (await member.call("PATCH", "/me", change)).status_code == 200
    mine = await id_of(member)
    told = [entry for entry in await entries(test_database) if entry["target_id"] in (made["id"], mine)]
    assert [entry["action"] for entry in told] == [
        "member.joined",
        "member.role_changed",
        "member.deactivated",
        "member.activated",
        "ownership.transferred",
        "password.changed",
    ]
    assert told[1]["details"] == {"from": "member", "to": "admin"}
    for entry in told:
        assert entry["actor_kind"] == "user"
        assert entry["session_id"].startswith("ses_")
        assert entry["address"] == "192.0.2.1"
        assert entry["request_id"]
    text = repr(told)
    for secret in (PASSWORD, "another set of words", auth.owner_login["password"]):
        assert secret not in text


async def test_a_refused_change_is_in_no_log(auth, test_database):
    owner = await auth.owner()
    mine = await id_of(owner)
    before = len(await entries(test_database))
    assert (await owner.call("DELETE", f"/users/{mine}")).status_code == 409
    assert len(await entries(test_database)) == before


async def test_the_operators_changes_of_tenants_are_in_their_log(auth, test_database):
    await auth.second_tenant()
    operator = await auth.operator()
    tenants = (await operator.call("GET", "/tenants")).json()["items"]
    second = next(item["id"] for item in tenants if item["slug"] == "second")
    await operator.call("PATCH", f"/tenants/{second}", {"state": "suspended"})
    told = [entry for entry in await entries(test_database) if entry["target_id"] == second]
    assert [(entry["action"], entry["actor_kind"]) for entry in told] == [
        ("tenant.created", "operator"),
        ("tenant.changed", "operator"),
    ]
