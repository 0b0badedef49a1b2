"""Sign-in through a provider that nobody here wrote: who gets in, as what, and who does not."""

import asyncio

import pytest
from federation_steps import me_of
from openid_provider import CALLBACK, query_of

from auth.domain.roles import Role
from auth.store.memberships import add_member
from auth.store.tenants import find_tenant_by_slug
from common.ids import PLATFORM, UserId, parse_id

STAFF = {"domains": ["example.com"], "domain_role": "member", "groups_claim": "groups", "scopes": ["groups"]}


@pytest.mark.parametrize("client", ["rs256", "es256", "eddsa", "public"])
async def test_somebody_of_the_domain_becomes_a_member_at_the_first_sign_in(auth, door, openid, client):
    made = await door.set_up(**openid.settings(client, **STAFF))
    signed = await door.sign_in(openid, made["id"], "ann")
    assert signed.status_code == 200, signed.text
    me = await me_of(auth, signed.json())
    assert (me["email"], me["name"], me["role"], me["tenant"]["slug"]) == (
        "ann@example.com",
        "Ann Example",
        "member",
        "demo",
    )
    assert made["callback"] == CALLBACK


async def test_the_second_sign_in_meets_the_same_person(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    people = [await me_of(auth, (await door.sign_in(openid, made["id"], "ann")).json()) for _ in range(2)]
    assert people[0]["id"] == people[1]["id"]


async def test_two_windows_make_one_person(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    answers = await asyncio.gather(*(door.sign_in(openid, made["id"], "ann") for _ in range(3)))
    people = [await me_of(auth, answer.json()) for answer in answers]
    assert len({person["id"] for person in people}) == 1


async def test_the_highest_role_of_the_persons_groups_counts(auth, door, openid):
    groups = {"staff": "viewer", "jira-admins": "admin"}
    made = await door.set_up(**openid.settings(**STAFF, group_roles=groups))
    assert (await me_of(auth, (await door.sign_in(openid, made["id"], "bob")).json()))["role"] == "admin"


async def test_a_group_lets_in_who_has_an_address_elsewhere(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF, group_roles={"staff": "viewer"}))
    assert (await me_of(auth, (await door.sign_in(openid, made["id"], "guest")).json()))["role"] == "viewer"


@pytest.mark.parametrize(
    ("sub", "code"),
    [
        ("eve", "auth.no_membership"),  # a domain that only ends like the right one
        ("guest", "auth.no_membership"),
        ("liar", "auth.email_not_verified"),
        ("mute", "auth.email_not_verified"),
        ("boss", "auth.link_needs_proof"),  # an owner
        ("root", "auth.no_membership"),  # a platform operator
    ],
)
async def test_whoever_no_rule_lets_in_stays_outside(door, openid, sub, code):
    made = await door.set_up(**openid.settings(**STAFF))
    answer = await door.sign_in(openid, made["id"], sub)
    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_an_ordinary_member_is_linked_and_keeps_the_password(auth, door, openid):
    owner = await auth.owner()
    body = {"email": "ann@example.com", "password": "correct horse battery", "role": "viewer"}
    member = (await owner.call("POST", "/users", body)).json()
    made = await door.set_up(**openid.settings(**STAFF))
    me = await me_of(auth, (await door.sign_in(openid, made["id"], "ann")).json())
    assert (me["id"], me["role"]) == (member["id"], "viewer")
    await auth.client().login("ann@example.com", "correct horse battery")


async def test_a_member_is_not_linked_by_a_provider_that_is_not_trusted_for_the_domain(auth, door, openid):
    owner = await auth.owner()
    await owner.call("POST", "/users", {"email": "ann@example.com", "password": "correct horse battery"})
    rules = {"groups_claim": "groups", "scopes": ["groups"], "group_roles": {"staff": "admin"}}
    made = await door.set_up(**openid.settings(**rules, domains=["partner.example"]))
    answer = await door.sign_in(openid, made["id"], "ann")
    assert answer.json()["code"] == "auth.link_needs_proof"


async def test_a_person_of_another_tenant_cannot_be_taken_over(auth, door, openid):
    """The other tenant's administrator trusts his own provider for a domain that is not his."""
    operator = await auth.operator()
    body = {"name": "B", "slug": "b", "owner": {"email": "ann@example.com", "password": "correct horse battery"}}
    await operator.call("POST", "/tenants", body)
    victim = await auth.client().login("ann@example.com", "correct horse battery")
    made = await door.set_up(**openid.settings(**STAFF, group_roles={"staff": "admin"}))
    answer = await door.sign_in(openid, made["id"], "ann")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.no_membership")
    me = (await victim.call("GET", "/me")).json()
    assert [tenant["slug"] for tenant in me["tenants"]] == ["b"]
    assert not [user for user in (await door.admin.call("GET", "/users")).json()["items"] if user["id"] == me["id"]]


async def test_a_session_of_one_tenants_provider_opens_no_other_tenant(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    signed = (await door.sign_in(openid, made["id"], "ann")).json()
    operator = await auth.operator()
    body = {"name": "B", "slug": "b", "owner": {"email": "bee@example.com", "password": "correct horse battery"}}
    await operator.call("POST", "/tenants", body)
    person = await me_of(auth, signed)
    await _make_member(auth, "b", person["id"])
    client = auth.client()
    client.signed = signed
    refused = await client.call("POST", "/auth/switch", {"tenant": "b"})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.bound_to_tenant")
    assert [tenant["slug"] for tenant in (await me_of(auth, signed))["tenants"]] == ["demo"]
    assert (await client.call("GET", "/me")).status_code == 200


async def _make_member(auth, slug, user):
    async with auth.app.db.uow(PLATFORM) as tx:
        tenant = await find_tenant_by_slug(tx, slug)
    async with auth.app.db.uow(tenant.tenant) as tx:
        await add_member(tx, UserId(parse_id("usr", user)), Role.ADMIN, now=auth.clock())


async def test_a_deactivated_member_is_not_let_in_again(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    person = await me_of(auth, (await door.sign_in(openid, made["id"], "ann")).json())
    await door.admin.call("PATCH", f"/users/{person['id']}", {"active": False})
    assert (await door.sign_in(openid, made["id"], "ann")).json()["code"] == "auth.no_membership"


async def test_a_provider_that_is_switched_off_or_gone_has_no_door(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    begun = await door.begin(made["id"])
    back = query_of(await openid.let_in(begun.location, "ann"))
    await door.admin.call("PATCH", f"/identity-providers/{made['id']}", {"enabled": False})
    assert (await door.come_back(back, begun.cookie)).json()["code"] == "auth.sign_in_unknown"
    gone = await auth.http.get(f"/api/v1/auth/oidc/{made['id']}/start?tenant=demo")
    assert gone.status_code == 404
    await door.admin.call("DELETE", f"/identity-providers/{made['id']}")
    assert (await auth.http.get(f"/api/v1/auth/oidc/{made['id']}/start?tenant=demo")).status_code == 404


async def test_the_session_tells_how_it_was_opened(auth, door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    signed = (await door.sign_in(openid, made["id"], "ann")).json()
    bearer = {"Authorization": f"Bearer {signed['access_token']}"}
    sessions = (await auth.http.get("/api/v1/auth/sessions", headers=bearer)).json()["items"]
    assert [(session["id"], session["method"]) for session in sessions] == [(signed["session_id"], "oidc")]


async def test_a_code_without_the_verifier_is_refused_by_the_provider(door, openid):
    """The provider checks PKCE: a stolen code with another sign-in's verifier buys nothing."""
    made = await door.set_up(**openid.settings(**STAFF))
    victim, thief = await door.begin(made["id"]), await door.begin(made["id"])
    stolen = query_of(await openid.let_in(victim.location, "ann"))
    answer = await door.come_back({**stolen, "state": thief.asked["state"]}, thief.cookie)
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.code_refused")


async def test_a_finished_sign_in_cannot_be_finished_again(door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    begun = await door.begin(made["id"])
    back = query_of(await openid.let_in(begun.location, "ann"))
    assert (await door.come_back(back, begun.cookie)).status_code == 200
    assert (await door.come_back(back, begun.cookie)).json()["code"] == "auth.code_refused"


async def test_a_person_who_says_no_at_the_provider_is_told_so(door, openid):
    made = await door.set_up(**openid.settings(**STAFF))
    begun = await door.begin(made["id"])
    back = {"error": "access_denied", "state": begun.asked["state"], "iss": openid.issuer}
    answer = await door.come_back(back, begun.cookie)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.provider_refused")
    assert answer.json()["provider_error"] == "access_denied"


async def test_identities_go_with_the_person(auth, door, openid, test_database):
    """Also those in a tenant that the person left: erasing another tenant removes people who are nowhere else."""
    made = await door.set_up(**openid.settings(**STAFF))
    person = await me_of(auth, (await door.sign_in(openid, made["id"], "ann")).json())
    assert (await door.admin.call("DELETE", f"/users/{person['id']}")).status_code == 204
    connection = await test_database.admin()
    try:
        assert await connection.fetchval("SELECT count(*) FROM auth.federated_identities") == 1
        await connection.execute("DELETE FROM auth.sessions WHERE user_id = $1", parse_id("usr", person["id"]))
        await connection.execute("DELETE FROM auth.users WHERE user_id = $1", parse_id("usr", person["id"]))
        assert await connection.fetchval("SELECT count(*) FROM auth.federated_identities") == 0
    finally:
        await connection.close()
