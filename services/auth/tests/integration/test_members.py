"""The members of a tenant, and that nobody reaches into another one."""

import asyncio

import pytest

PASSWORD = "correct horse battery"


async def add(client, email, role="member"):
    answer = await client.call("POST", "/users", {"email": email, "role": role, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def second_tenant(auth, slug="second", email="boss@example.com"):
    operator = await auth.operator()
    body = {"name": "Second", "slug": slug, "owner": {"email": email, "password": PASSWORD}}
    assert (await operator.call("POST", "/tenants", body)).status_code == 201
    return await auth.client().login(email, PASSWORD, tenant=slug)


async def test_a_new_member_can_sign_in_with_the_scopes_of_the_role(auth):
    owner = await auth.owner()
    made = await add(owner, "viewer@example.com", "viewer")
    assert made["id"].startswith("usr_")
    viewer = await auth.client().login("viewer@example.com", PASSWORD)
    me = (await viewer.call("GET", "/me")).json()
    assert me["role"] == "viewer"
    assert set(me["scopes"]) == {"issues:read", "exports:read", "connections:read", "users:read"}
    assert (await viewer.call("GET", "/users")).status_code == 200
    refused = await viewer.call("POST", "/users", {"email": "x@example.com"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.scope_missing")
    assert refused.json()["scope"] == "users:admin"


async def test_members_are_listed_page_by_page_none_twice(auth):
    owner = await auth.owner()
    for number in range(5):
        await add(owner, f"member{number}@example.com")
    seen, cursor = [], ""
    while cursor is not None:
        page = (await owner.call("GET", f"/users?limit=2{cursor and '&cursor=' + cursor}")).json()
        seen += [item["email"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(["owner@example.com", *(f"member{n}@example.com" for n in range(5))])


async def test_the_same_person_is_not_added_twice(auth):
    owner = await auth.owner()
    await add(owner, "member@example.com")
    again = await owner.call("POST", "/users", {"email": "Member@Example.com", "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (409, "auth.already_member")


async def test_without_mails_nobody_can_be_invited_and_the_answer_says_so(auth):
    owner = await auth.owner()
    answer = await owner.call("POST", "/users", {"email": "member@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (422, "auth.mail_off")


async def test_the_same_key_adds_a_member_once(auth):
    owner = await auth.owner()
    body = {"email": "member@example.com", "password": PASSWORD}
    answers = await asyncio.gather(*(owner.call("POST", "/users", body, **{"Idempotency-Key": "k1"}) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await owner.call("POST", "/users", {**body, "role": "admin"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "request.idempotency_conflict")


async def test_a_role_changes_with_the_next_refresh(auth):
    owner = await auth.owner()
    made = await add(owner, "member@example.com")
    member = await auth.client().login("member@example.com", PASSWORD)
    assert (await owner.call("PATCH", f"/users/{made['id']}", {"role": "admin"})).json()["role"] == "admin"
    member.signed = (await member.refresh()).json()
    assert (await member.call("GET", "/users")).status_code == 200


@pytest.mark.parametrize("how", ["DELETE", "PATCH"])
async def test_a_removed_or_inactive_member_is_out_at_once(auth, how):
    owner = await auth.owner()
    made = await add(owner, "member@example.com")
    member = await auth.client().login("member@example.com", PASSWORD)
    body = {"active": False} if how == "PATCH" else None
    assert (await owner.call(how, f"/users/{made['id']}", body)).status_code in (200, 204)
    assert (await member.call("GET", "/me")).status_code == 401
    assert (await member.refresh()).status_code == 401
    login = {"email": "member@example.com", "password": PASSWORD}
    assert (await auth.http.post("/api/v1/auth/login", json=login)).status_code == 403


async def test_two_owners_who_remove_each_other_leave_one(auth):
    first = await auth.owner()
    made = await add(first, "second@example.com", "owner")
    second = await auth.client().login("second@example.com", PASSWORD)
    me = (await first.call("GET", "/me")).json()["id"]
    answers = await asyncio.gather(first.call("DELETE", f"/users/{made['id']}"), second.call("DELETE", f"/users/{me}"))
    one, other = sorted(answer.status_code for answer in answers)
    assert one == 204
    assert other in (401, 409)


async def test_the_last_owner_cannot_go(auth):
    owner = await auth.owner()
    me = (await owner.call("GET", "/me")).json()["id"]
    for method, body in (("DELETE", None), ("PATCH", {"role": "viewer"}), ("PATCH", {"active": False})):
        answer = await owner.call(method, f"/users/{me}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "auth.last_owner")


async def test_an_admin_cannot_touch_an_owner_or_become_one(auth):
    owner = await auth.owner()
    made = await add(owner, "admin@example.com", "admin")
    admin = await auth.client().login("admin@example.com", PASSWORD)
    me = (await owner.call("GET", "/me")).json()["id"]
    body = {"email": "x@example.com", "role": "owner", "password": PASSWORD}
    answers = [
        await admin.call("DELETE", f"/users/{me}"),
        await admin.call("PATCH", f"/users/{made['id']}", {"role": "owner"}),
        await admin.call("POST", "/users", body),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "auth.owner_only")}


async def test_another_tenants_members_are_not_there(auth):
    boss = await second_tenant(auth)
    theirs = (await boss.call("GET", "/me")).json()["id"]
    owner = await auth.owner()
    for method, body in (("GET", None), ("PATCH", {"role": "viewer"}), ("DELETE", None)):
        assert (await owner.call(method, f"/users/{theirs}", body)).status_code == 404
    emails = {item["email"] for item in (await owner.call("GET", "/users")).json()["items"]}
    assert emails == {"owner@example.com"}
    cursor = (await _two_members(boss)).json()["next_cursor"]
    assert (await owner.call("GET", f"/users?cursor={cursor}")).status_code == 400


async def _two_members(boss):
    await add(boss, "more@example.com")
    return await boss.call("GET", "/users?limit=1")


@pytest.mark.parametrize("path", ["usr_x", "ten_00000000000000000000000000", "usr_" + "8" * 26, "%00"])
async def test_bad_ids_are_refused(auth, path):
    owner = await auth.owner()
    assert (await owner.call("GET", f"/users/{path}")).status_code == 400


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=AAAA", "cursor=%ED%A0%80", "cursor=" + "a" * 300]
)
async def test_bad_pages_are_refused(auth, query):
    owner = await auth.owner()
    assert (await owner.call("GET", f"/users?{query}")).status_code in (400, 422)
