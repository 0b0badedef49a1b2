"""API tokens through the real service: made, used, replaced, approved, revoked, and what ends them."""

import asyncio
from datetime import UTC, datetime, timedelta

import jwt
import orjson
import pytest
from pydantic import SecretStr

from common.contracts.access import SessionEndedV1
from common.ids import PLATFORM, parse_id
from common.settings import InternalSettings
from common.web.api_tokens import is_api_token, new_api_token
from common.web.internal import internal_token

INTERNAL = InternalSettings(secret=SecretStr("internal-secret-of-the-tests-0123456789"))


async def make(client, scopes=("issues:read",), **more: object):
    answer = await client.call("POST", "/auth/tokens", {"name": "ci", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def exchange(auth, text, address="198.51.100.9"):
    headers = {"Authorization": internal_token(INTERNAL, service="api-gateway", tenant=PLATFORM)}
    body = {"token": text, "address": address}
    return await auth.http.post("/internal/v1/token-exchange", json=body, headers=headers)


def claims_of(answer):
    assert answer.status_code == 200, answer.text
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})


def as_machine(auth, text):
    client = auth.client()
    client.signed = {"access_token": text}
    return client


async def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_the_text_is_shown_once_and_kept_only_as_a_fingerprint(auth, test_database):
    owner = await auth.owner()
    made = await make(owner)
    assert is_api_token(made["token"])
    assert made["token"].startswith(made["hint"])
    assert len(made["hint"]) == 8
    listed = (await owner.call("GET", "/auth/tokens")).json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]
    assert made["token"] not in str(listed)
    admin = await test_database.admin()
    rows = await admin.fetch("SELECT * FROM auth.api_tokens")
    events = await admin.fetch("SELECT event FROM auth.outbox")
    await admin.close()
    assert made["token"] not in str(rows) + str(events)


async def test_an_exchange_gives_a_short_token_with_the_scopes_of_both(auth):
    owner = await auth.owner()
    made = await make(owner, ["issues:read", "exports:create"])
    claims = claims_of(await exchange(auth, made["token"]))
    assert claims["exp"] - claims["iat"] <= 300
    assert claims["scopes"] == ["exports:create", "issues:read"]
    assert claims["api_token"] == made["id"]
    assert claims["sid"].removeprefix("ses_") == made["id"].removeprefix("tok_")
    assert "csrf" not in claims


async def test_without_a_wish_it_lasts_ninety_days(auth):
    made = await make(await auth.owner())
    span = datetime.fromisoformat(made["expires"]) - datetime.fromisoformat(made["created"])
    assert span == timedelta(days=90)


async def test_the_tenant_bounds_how_long_it_may_last(auth):
    owner = await auth.owner()
    too_long = await owner.call(
        "POST", "/auth/tokens", {"name": "x", "scopes": ["issues:read"], "expires_in_days": 366}
    )
    await refused(too_long, 422, "auth.token_too_long")
    assert too_long.json()["max_days"] == 365


@pytest.mark.parametrize("scope", ["tenants:admin", "root", "*", ""])
async def test_a_scope_outside_the_closed_set_is_refused(auth, scope):
    answer = await (await auth.owner()).call("POST", "/auth/tokens", {"name": "x", "scopes": [scope]})
    assert answer.status_code == 422


async def test_nobody_hands_out_what_he_has_not_and_the_operator_nothing(auth):
    owner = await auth.owner()
    await owner.add("viewer@example.com", "viewer")
    viewer = await auth.client().login("viewer@example.com", "correct horse battery")
    wish = {"name": "x", "scopes": ["issues:read", "issues:write"]}
    await refused(await viewer.call("POST", "/auth/tokens", wish), 403, "access.scope_missing")
    operator = await auth.operator()
    await refused(await operator.call("POST", "/auth/tokens", wish), 403, "auth.no_tenant")


async def test_only_an_owner_makes_or_approves_one_without_an_end(auth):
    owner = await auth.owner()
    await owner.add("admin@example.com", "admin")
    admin = await auth.client().login("admin@example.com", "correct horse battery")
    wish = {"name": "x", "scopes": ["issues:read"], "unlimited": True}
    await refused(await admin.call("POST", "/auth/tokens", wish), 403, "auth.unlimited_by_owner")
    assert (await make(owner, unlimited=True))["expires"] is None
    mine = await make(admin)
    approve = f"/auth/tokens/{mine['id']}/approve"
    await refused(await admin.call("POST", approve), 403, "auth.unlimited_by_owner")
    assert (await owner.call("POST", approve)).json()["expires"] is None
    auth.clock.move(timedelta(days=200))
    claims_of(await exchange(auth, mine["token"]))


async def test_rotation_overlaps_and_the_old_one_ends(auth):
    owner = await auth.owner()
    first = await make(owner, expires_in_days=30)
    second = (await owner.call("POST", f"/auth/tokens/{first['id']}/rotate", {"overlap_hours": 2})).json()
    assert second["scopes"] == first["scopes"]
    for text in (first["token"], second["token"]):
        claims_of(await exchange(auth, text))
    again = await owner.call("POST", f"/auth/tokens/{first['id']}/rotate")
    await refused(again, 409, "auth.token_ended")
    auth.clock.move(timedelta(hours=2, seconds=1))
    await refused(await exchange(auth, first["token"]), 401, "auth.token_expired")
    claims_of(await exchange(auth, second["token"]))


async def test_an_access_token_does_not_outlive_its_api_token(auth):
    owner = await auth.owner()
    made = await make(owner, expires_in_days=1)
    auth.clock.move(timedelta(days=1) - timedelta(seconds=20))
    claims = claims_of(await exchange(auth, made["token"]))
    assert claims["exp"] - claims["iat"] <= 20


async def test_revoking_is_told_once_under_the_session_of_its_access_tokens(auth, test_database):
    owner = await auth.owner()
    made = await make(owner)
    sid = claims_of(await exchange(auth, made["token"]))["sid"]
    for _ in range(2):
        assert (await owner.call("DELETE", f"/auth/tokens/{made['id']}")).status_code == 204
    await refused(await exchange(auth, made["token"]), 401, "auth.token_revoked")
    admin = await test_database.admin()
    ended = await admin.fetch("SELECT event FROM auth.outbox WHERE type = $1", SessionEndedV1.type)
    await admin.close()
    assert [str(row["event"]).count(sid) for row in ended] == [1]
    assert (await owner.call("GET", "/auth/tokens")).json()["items"] == []


async def test_others_tokens_are_unknown_to_members_and_known_to_administrators(auth):
    owner = await auth.owner()
    await owner.add("member@example.com")
    member = await auth.client().login("member@example.com", "correct horse battery")
    of_owner, of_member = await make(owner), await make(member)
    assert (await member.call("DELETE", f"/auth/tokens/{of_owner['id']}")).status_code == 404
    assert (await member.call("POST", f"/auth/tokens/{of_owner['id']}/rotate")).status_code == 404
    await refused(await member.call("GET", "/auth/tokens?all=true"), 403, "access.scope_missing")
    await refused(await member.call("DELETE", "/auth/tokens?all=true"), 403, "access.scope_missing")
    everybodys = (await owner.call("GET", "/auth/tokens?all=true")).json()["items"]
    assert {item["id"] for item in everybodys} == {of_owner["id"], of_member["id"]}
    assert (await owner.call("DELETE", f"/auth/tokens/{of_member['id']}")).status_code == 204
    await refused(await exchange(auth, of_member["token"]), 401, "auth.token_revoked")


async def test_an_administrator_revokes_all_of_the_tenant_and_of_no_other(auth):
    owner, other = await auth.owner(), await auth.second_tenant()
    tokens, kept = [await make(owner) for _ in range(3)], await make(other)
    assert (await owner.call("DELETE", "/auth/tokens?all=true")).status_code == 204
    for made in tokens:
        await refused(await exchange(auth, made["token"]), 401, "auth.token_revoked")
    claims_of(await exchange(auth, kept["token"]))
    assert (await owner.call("DELETE", f"/auth/tokens/{kept['id']}")).status_code == 404


async def test_tokens_are_paged_newest_first_and_none_twice(auth):
    owner = await auth.owner()
    made = [(await make(owner))["id"] for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await owner.call("GET", f"/auth/tokens?limit=2{cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


@pytest.mark.parametrize("how", ["removed", "deactivated"])
async def test_a_member_who_leaves_takes_the_tokens_along(auth, how):
    owner = await auth.owner()
    user = (await owner.add("member@example.com"))["id"]
    made = await make(await auth.client().login("member@example.com", "correct horse battery"))
    if how == "removed":
        assert (await owner.call("DELETE", f"/users/{user}")).status_code == 204
    else:
        assert (await owner.call("PATCH", f"/users/{user}", {"active": False})).status_code == 200
        await owner.call("PATCH", f"/users/{user}", {"active": True})
    await refused(await exchange(auth, made["token"]), 401, "auth.token_revoked")


async def test_a_smaller_role_narrows_the_next_exchange_and_a_larger_one_widens_nothing(auth):
    owner = await auth.owner()
    user = (await owner.add("member@example.com"))["id"]
    member = await auth.client().login("member@example.com", "correct horse battery")
    made = await make(member, ["issues:read", "issues:write"])
    before = claims_of(await exchange(auth, made["token"]))
    await owner.call("PATCH", f"/users/{user}", {"role": "viewer"})
    narrowed = claims_of(await exchange(auth, made["token"]))
    assert narrowed["scopes"] == ["issues:read"]
    assert narrowed["ver"] > before["ver"]
    await owner.call("PATCH", f"/users/{user}", {"role": "admin"})
    assert claims_of(await exchange(auth, made["token"]))["scopes"] == ["issues:read", "issues:write"]


async def test_a_suspended_tenants_tokens_rest_until_it_is_resumed(auth):
    boss, operator = await auth.second_tenant(), await auth.operator()
    made = await make(boss)
    tenant = claims_of(await exchange(auth, made["token"]))["tenant"]
    await operator.call("PATCH", f"/tenants/{tenant}", {"state": "suspended"})
    await refused(await exchange(auth, made["token"]), 401, "access.token_invalid")
    await operator.call("PATCH", f"/tenants/{tenant}", {"state": "active"})
    claims_of(await exchange(auth, made["token"]))


async def test_use_is_noted_at_most_once_a_minute(auth):
    owner = await auth.owner()
    made = await make(owner)

    async def last_used():
        return (await owner.call("GET", "/auth/tokens")).json()["items"][0]["last_used"]

    assert await last_used() is None
    await exchange(auth, made["token"])
    first = await last_used()
    await exchange(auth, made["token"])
    assert await last_used() == first is not None
    auth.clock.move(timedelta(seconds=61))
    await exchange(auth, made["token"])
    assert await last_used() > first


async def test_guessing_is_slowed_by_address_and_mistyping_is_not_counted(auth):
    for _ in range(30):
        mistyped = "jex_" + "A" * 38
        await refused(await exchange(auth, mistyped), 401, "access.token_invalid")
    statuses = [(await exchange(auth, new_api_token())).status_code for _ in range(17)]
    assert statuses == [401] * 15 + [429] * 2
    made = await make(await auth.owner())
    assert (await exchange(auth, made["token"])).status_code == 429
    claims_of(await exchange(auth, made["token"], address="203.0.113.5"))


async def test_the_exchange_is_for_services_only(auth):
    made = await make(await auth.owner())
    body = {"token": made["token"]}
    for headers in ({}, {"Authorization": f"Bearer {made['token']}"}, {"Authorization": "Internal x"}):
        assert (await auth.http.post("/internal/v1/token-exchange", json=body, headers=headers)).status_code == 401


async def test_a_machine_sees_itself_and_touches_nothing_that_is_the_persons(auth):
    owner = await auth.owner()
    made, other = await make(owner, ["issues:read", "users:admin"]), await make(owner)
    machine = as_machine(auth, made["token"])
    me = (await machine.call("GET", "/me")).json()
    assert me["scopes"] == ["issues:read", "users:admin"]
    assert (await machine.call("GET", "/users")).status_code in (200, 403)
    for method, path, body in (
        ("PATCH", "/me", {"name": "x"}),
        ("GET", "/auth/sessions", None),
        ("DELETE", "/auth/sessions", None),
        ("POST", "/auth/switch", {"tenant": "demo"}),
        ("GET", "/auth/tokens", None),
        ("POST", "/auth/tokens", {"name": "x", "scopes": ["issues:read"]}),
        ("POST", f"/auth/tokens/{made['id']}/rotate", None),
        ("DELETE", "/auth/tokens", None),
        ("DELETE", f"/auth/tokens/{other['id']}", None),
    ):
        await refused(await machine.call(method, path, body), 403, "auth.session_needed")
    assert (await machine.call("DELETE", f"/auth/tokens/{made['id']}")).status_code == 204
    assert (await machine.call("GET", "/me")).status_code == 401
    assert (await owner.call("GET", "/me")).status_code == 200


async def test_two_rotations_at_once_leave_one_successor(auth):
    owner = await auth.owner()
    made = await make(owner)
    rotate = f"/auth/tokens/{made['id']}/rotate"
    answers = await asyncio.gather(*(owner.call("POST", rotate) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_every_step_stands_in_the_audit_log_without_the_text(auth, test_database):
    owner = await auth.owner()
    made = await make(owner)
    second = (await owner.call("POST", f"/auth/tokens/{made['id']}/rotate")).json()
    await owner.call("POST", f"/auth/tokens/{second['id']}/approve")
    await owner.call("DELETE", f"/auth/tokens/{second['id']}")
    admin = await test_database.admin()
    rows = await admin.fetch("SELECT convert_from(event, 'UTF8') AS event FROM auth.outbox ORDER BY seq")
    await admin.close()
    text = "\n".join(row["event"] for row in rows)
    for action in ("token.created", "token.rotated", "token.approved", "token.revoked"):
        assert f'"{action}"' in text
    assert made["token"] not in text
    assert second["token"] not in text


async def test_the_session_id_names_the_token(auth):
    made = await make(await auth.owner())
    claims = claims_of(await exchange(auth, made["token"]))
    assert parse_id("ses", claims["sid"]) == parse_id("tok", made["id"])
    assert datetime.fromtimestamp(claims["iat"], UTC) <= datetime.now(UTC) + timedelta(seconds=1)


async def test_the_audit_log_tells_a_machine_from_its_person(auth, test_database):
    owner = await auth.owner()
    made = await make(owner, ("users:read", "users:admin", "tenant:admin", "tokens:admin"))
    machine = as_machine(auth, made["token"])
    member = await machine.add("made-by-a-machine@example.com")
    await machine.call("PATCH", f"/users/{member['id']}", {"role": "viewer"})
    await machine.call("PATCH", "/tenant", {"name": "Renamed"}, **{"If-Match": "*"})
    await machine.call("DELETE", f"/users/{member['id']}")
    admin = await test_database.admin()
    rows = await admin.fetch("SELECT event FROM auth.outbox WHERE type LIKE '%audit%' ORDER BY seq")
    await admin.close()
    told = [orjson.loads(row["event"])["data"] for row in rows]
    by_machine = {one["action"] for one in told if one["actor_kind"] == "api_token"}
    wanted = {"member.joined", "member.role_changed", "member.removed", "tenant.settings_changed"}
    assert by_machine == wanted
    assert not wanted & {one["action"] for one in told if one["actor_kind"] == "user"}
