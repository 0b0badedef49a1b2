"""Tenants for the operator, and a person's own sessions, name and password."""

import pytest

from auth.domain.roles import Role
from auth.store.memberships import add_member
from common.ids import parse_id

PASSWORD = "correct horse battery"


def tenant(slug="second", email="boss@example.com", password=PASSWORD):
    owner = {"email": email} if password is None else {"email": email, "password": password}
    return {"name": "Second", "slug": slug, "owner": owner}


async def test_the_operator_makes_a_tenant_whose_owner_can_sign_in(auth):
    operator = await auth.operator()
    answer = await operator.call("POST", "/tenants", tenant())
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/tenants/{made['id']}"
    boss = await auth.client().login("boss@example.com", PASSWORD)
    me = (await boss.call("GET", "/me")).json()
    assert (me["tenant"]["id"], me["id"], me["role"]) == (made["id"], made["owner_id"], "owner")
    assert {item["slug"] for item in (await operator.call("GET", "/tenants")).json()["items"]} == {"demo", "second"}


async def test_a_taken_slug_is_a_conflict_and_leaves_nothing_behind(auth):
    operator = await auth.operator()
    answer = await operator.call("POST", "/tenants", tenant("demo"))
    assert (answer.status_code, answer.json()["code"]) == (409, "auth.slug_taken")
    login = {"email": "boss@example.com", "password": PASSWORD}
    assert (await auth.http.post("/api/v1/auth/login", json=login)).status_code == 401


async def test_an_unknown_owner_without_password_is_told_so(auth):
    operator = await auth.operator()
    answer = await operator.call("POST", "/tenants", tenant(password=None))
    assert (answer.status_code, answer.json()["code"]) == (422, "auth.mail_off")
    assert (await operator.call("POST", "/tenants", tenant())).status_code == 201


async def test_the_same_key_makes_one_tenant(auth):
    operator = await auth.operator()
    key = {"Idempotency-Key": "make-second"}
    first, again = [await operator.call("POST", "/tenants", tenant(), **key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_members_cannot_reach_tenants_and_the_operator_cannot_reach_members(auth):
    owner, operator = await auth.owner(), await auth.operator()
    assert (await owner.call("GET", "/tenants")).status_code == 403
    assert (await owner.call("POST", "/tenants", tenant())).status_code == 403
    assert (await operator.call("GET", "/users")).status_code == 403


async def test_a_suspended_tenant_is_closed_at_once_and_opens_again(auth):
    operator = await auth.operator()
    made = (await operator.call("POST", "/tenants", tenant())).json()
    boss = await auth.client().login("boss@example.com", PASSWORD)
    path = f"/tenants/{made['id']}"
    assert (await operator.call("PATCH", path, {"state": "suspended"})).json()["state"] == "suspended"
    assert (await boss.call("GET", "/me")).status_code == 401
    assert (await boss.refresh()).status_code == 401
    login = {"email": "boss@example.com", "password": PASSWORD}
    assert (await auth.http.post("/api/v1/auth/login", json=login)).status_code == 403
    assert (await operator.call("PATCH", path, {"state": "active"})).status_code == 200
    await auth.client().login(**login)


async def test_a_tenant_that_is_being_deleted_is_closed_and_its_slug_stays_taken(auth):
    operator = await auth.operator()
    made = (await operator.call("POST", "/tenants", tenant())).json()
    for _ in range(2):
        assert (await operator.call("DELETE", f"/tenants/{made['id']}")).status_code == 202
    shown = await operator.call("GET", f"/tenants/{made['id']}")
    assert (shown.status_code, shown.json()["state"]) == (200, "deleting")
    assert (await operator.call("PATCH", f"/tenants/{made['id']}", {"state": "active"})).status_code == 404
    login = {"email": "boss@example.com", "password": PASSWORD}
    assert (await auth.http.post("/api/v1/auth/login", json=login)).status_code in (401, 403)
    assert (await operator.call("POST", "/tenants", tenant())).status_code == 409


async def test_switching_opens_a_session_there_and_ends_the_one_here(auth):
    owner, operator = await auth.owner(), await auth.operator()
    made = (await operator.call("POST", "/tenants", tenant())).json()
    me = (await owner.call("GET", "/me")).json()
    async with auth.app.db.uow(parse_id("ten", made["id"])) as tx:
        await add_member(tx, parse_id("usr", me["id"]), Role.MEMBER, now=auth.clock())
    answer = await owner.call("POST", "/auth/switch", {"tenant": "second"})
    assert answer.status_code == 200
    there = auth.client()
    there.signed = answer.json()
    assert (await there.call("GET", "/me")).json()["tenant"]["slug"] == "second"
    assert (await owner.refresh()).status_code == 401
    assert (await there.call("POST", "/auth/switch", {"tenant": "nowhere"})).status_code == 403
    assert (await there.call("GET", "/me")).status_code == 200


async def test_sessions_are_seen_and_ended_one_by_one(auth):
    first, second = await auth.owner(), await auth.owner()
    items = (await second.call("GET", "/auth/sessions")).json()["items"]
    assert {item["id"]: item["current"] for item in items} == {
        first.signed["session_id"]: False,
        second.signed["session_id"]: True,
    }
    assert {item["address"] for item in items} == {"192.0.2.1"}
    assert (await second.call("DELETE", f"/auth/sessions/{first.signed['session_id']}")).status_code == 204
    assert (await first.refresh()).status_code == 401
    assert (await second.refresh()).status_code == 200


async def test_all_other_sessions_end_at_once(auth):
    others = [await auth.owner() for _ in range(3)]
    me = await auth.owner()
    assert (await me.call("DELETE", "/auth/sessions")).status_code == 204
    assert [(await other.refresh()).status_code for other in others] == [401] * 3
    assert (await me.call("GET", "/me")).status_code == 200


async def test_somebody_elses_session_is_not_there(auth):
    owner, operator = await auth.owner(), await auth.operator()
    answer = await operator.call("DELETE", f"/auth/sessions/{owner.signed['session_id']}")
    assert answer.status_code == 404
    assert (await owner.refresh()).status_code == 200


async def test_a_new_password_ends_the_other_sessions_and_the_old_password(auth):
    other, me = await auth.owner(), await auth.owner()
    old = auth.owner_login["password"]
    wrong = await me.call("PATCH", "/me", {"current_password": "not the old one", "new_password": PASSWORD})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "auth.wrong_current_password")
    right = await me.call("PATCH", "/me", {"current_password": old, "new_password": PASSWORD, "name": "Olga"})
    assert (right.status_code, right.json()["name"]) == (200, "Olga")
    assert (await other.refresh()).status_code == 401
    assert (await me.refresh()).status_code == 200
    assert (await auth.http.post("/api/v1/auth/login", json=auth.owner_login)).status_code == 401
    await auth.client().login("owner@example.com", PASSWORD)


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "a\u0000b"},
        {"name": "x" * 201},
        {"locale": "xx"},
        {"email": "other@example.com"},
        {"new_password": PASSWORD},
        {"current_password": "owner-password-123", "new_password": "short"},
    ],
)
async def test_bad_changes_of_oneself_are_refused(auth, body):
    me = await auth.owner()
    assert (await me.call("PATCH", "/me", body)).status_code == 422


async def test_no_token_or_a_wrong_one_is_refused_everywhere(auth):
    for method, path in (("GET", "/me"), ("GET", "/users"), ("GET", "/tenants"), ("GET", "/auth/sessions")):
        for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
            answer = await auth.http.request(method, f"/api/v1{path}", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
