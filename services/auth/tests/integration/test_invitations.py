"""Invitations: by a mail to the person alone, for one use and seven days, and never a way into somebody's account."""

import asyncio
from datetime import timedelta

import pytest
from mail_server import html_of, text_of, token_of

from auth.usecases.purge import purge

PASSWORD = "correct horse battery"
NEW = "new@example.com"


async def invite(client, email=NEW, role="member"):
    answer = await client.call("POST", "/invitations", {"email": email, "role": role})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def accept(auth, token, bearer=None, **more: str):
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer.signed['access_token']}"}
    body = {"token": token, **more}
    return await auth.http.post("/api/v1/auth/invitations/accept", json=body, headers=headers)


def refusal(answer):
    return answer.status_code, answer.json()["code"]


async def test_a_new_person_comes_in_by_the_link_and_the_link_works_once(mailing, mailbox):
    owner = await mailing.owner()
    made = await invite(owner, role="admin")
    assert made["id"].startswith("inv_")
    assert (made["email"], made["role"]) == (NEW, "admin")
    token = token_of(await mailbox.next(to=NEW))
    joined = await accept(mailing, token, name="New Person", password=PASSWORD)
    assert joined.status_code == 200, joined.text
    assert (joined.json()["tenant"]["slug"], joined.json()["role"]) == ("demo", "admin")
    person = await mailing.client().login(NEW, PASSWORD)
    me = (await person.call("GET", "/me")).json()
    assert (me["name"], me["role"]) == ("New Person", "admin")
    again = await accept(mailing, token, name="Other", password="another long password")
    assert refusal(again) == (404, "auth.invitation_invalid")
    assert (await owner.call("GET", "/invitations")).json()["items"] == []


async def test_of_five_acceptances_at_once_one_comes_through(mailing, mailbox):
    await invite(await mailing.owner())
    token = token_of(await mailbox.next(to=NEW))
    answers = await asyncio.gather(*(accept(mailing, token, password=f"{PASSWORD} {n}") for n in range(5)))
    assert [answer.status_code for answer in answers].count(200) == 1
    members = (await (await mailing.owner()).call("GET", "/users?count=true")).json()
    assert members["count"] == {"value": 2, "exact": True}


async def test_posting_a_user_without_a_password_invites(mailing, mailbox):
    owner = await mailing.owner()
    answer = await owner.call("POST", "/users", {"email": NEW, "role": "viewer"}, **{"Idempotency-Key": "k"})
    again = await owner.call("POST", "/users", {"email": NEW, "role": "viewer"}, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.text) == (202, again.text)
    assert answer.headers["location"] == f"/api/v1/invitations/{answer.json()['id']}"
    await mailbox.next(to=NEW)
    assert (await owner.call("GET", "/users")).json()["items"][0]["email"] == "owner@example.com"


async def test_an_admin_cannot_set_or_use_the_password_of_a_person_who_has_an_account(mailing, mailbox):
    await mailing.second_tenant()
    owner = await mailing.owner()
    body = {"email": "boss@example.com", "name": "Fooled", "password": "a password of the admin"}
    answer = await owner.call("POST", "/users", body)
    assert answer.status_code == 202
    assert "boss@example.com" not in (await owner.call("GET", "/users")).text
    login = {"email": "boss@example.com", "password": "a password of the admin"}
    assert (await mailing.http.post("/api/v1/auth/login", json=login)).status_code == 401
    boss = await mailing.client().login("boss@example.com", PASSWORD)
    me = (await boss.call("GET", "/me")).json()
    assert me["name"] != "Fooled"
    assert [tenant["slug"] for tenant in me["tenants"]] == ["second"]
    await mailbox.next(to="boss@example.com")


async def verified(mailing, mailbox, email="boss@example.com"):
    """An account in another tenant whose address was proved by a mail."""
    boss = await mailing.second_tenant(email="first@example.com")
    await invite(boss, email)
    token = token_of(await mailbox.next(to=email))
    assert (await accept(mailing, token, password=PASSWORD)).status_code == 200
    return await mailing.client().login(email, PASSWORD)


async def test_who_has_an_account_proves_it_by_its_password_or_a_session(mailing, mailbox):
    boss = await verified(mailing, mailbox)
    owner = await mailing.owner()
    await invite(owner, "boss@example.com")
    token = token_of(await mailbox.next(to="boss@example.com", after=1))
    assert refusal(await accept(mailing, token)) == (403, "auth.proof_needed")
    assert refusal(await accept(mailing, token, password="not the password")) == (401, "auth.wrong_credentials")
    assert refusal(await accept(mailing, token, bearer=owner)) == (403, "auth.proof_needed")
    assert (await accept(mailing, token, bearer=boss)).status_code == 200
    me = (await boss.call("GET", "/me")).json()
    assert {tenant["slug"] for tenant in me["tenants"]} == {"demo", "second"}
    await mailing.client().login("boss@example.com", PASSWORD, tenant="demo")


async def test_accepting_with_a_wrong_password_is_throttled_like_a_sign_in(mailing, mailbox):
    await verified(mailing, mailbox)
    await invite(await mailing.owner(), "boss@example.com")
    token = token_of(await mailbox.next(to="boss@example.com", after=1))
    answers = [await accept(mailing, token, password=f"wrong password {n}") for n in range(6)]
    assert refusal(answers[-1]) == (429, "auth.too_many_tries")


async def test_whoever_made_an_account_for_somebody_cannot_follow_him_into_another_tenant(mailing, mailbox):
    """The admin of `second` makes an account for a stranger's address and knows its password."""
    boss = await mailing.second_tenant()
    await boss.add("victim@example.com")
    known = await mailing.client().login("victim@example.com", PASSWORD)
    await invite(await mailing.owner(), "victim@example.com", "admin")
    token = token_of(await mailbox.next(to="victim@example.com"))
    assert refusal(await accept(mailing, token, bearer=known)) == (422, "auth.new_password_needed")
    assert (await accept(mailing, token, password="only the victim knows")).status_code == 200
    assert (await known.call("GET", "/me")).status_code == 401
    login = {"email": "victim@example.com", "password": PASSWORD}
    assert (await mailing.http.post("/api/v1/auth/login", json=login)).status_code == 401
    await mailing.client().login("victim@example.com", "only the victim knows", tenant="demo")


async def test_inviting_again_replaces_the_first_link(mailing, mailbox):
    owner = await mailing.owner()
    first = await invite(owner, role="admin")
    second = await invite(owner, role="viewer")
    assert first["id"] != second["id"]
    old, new = [token_of(await mailbox.next(to=NEW, after=number)) for number in (0, 1)]
    assert refusal(await accept(mailing, old, password=PASSWORD)) == (404, "auth.invitation_invalid")
    assert (await accept(mailing, new, password=PASSWORD)).json()["role"] == "viewer"


async def test_an_invitation_expires_and_is_forgotten_later(mailing, mailbox, test_database):
    await invite(await mailing.owner())
    token = token_of(await mailbox.next(to=NEW))
    mailing.clock.move(timedelta(days=7))
    assert refusal(await accept(mailing, token, password=PASSWORD)) == (410, "auth.invitation_expired")
    mailing.clock.move(timedelta(days=31))
    await purge(mailing.app)
    connection = await test_database.admin()
    assert await connection.fetchval("SELECT count(*) FROM auth.invitations") == 0
    await connection.close()


async def test_an_invitation_taken_back_opens_nothing(mailing, mailbox):
    owner = await mailing.owner()
    made = await invite(owner)
    token = token_of(await mailbox.next(to=NEW))
    assert (await owner.call("DELETE", f"/invitations/{made['id']}")).status_code == 204
    assert (await owner.call("DELETE", f"/invitations/{made['id']}")).status_code == 404
    assert refusal(await accept(mailing, token, password=PASSWORD)) == (404, "auth.invitation_invalid")


@pytest.mark.parametrize("how", ["remove", "demote", "deactivate"])
async def test_what_an_admin_promised_ends_with_his_rights(mailing, mailbox, how):
    owner = await mailing.owner()
    made = await owner.add("admin@example.com", "admin")
    admin = await mailing.client().login("admin@example.com", PASSWORD)
    await invite(admin)
    token = token_of(await mailbox.next(to=NEW))
    wish = {"demote": {"role": "member"}, "deactivate": {"active": False}}.get(how)
    await owner.call("DELETE" if wish is None else "PATCH", f"/users/{made['id']}", wish)
    assert refusal(await accept(mailing, token, password=PASSWORD)) == (404, "auth.invitation_invalid")


async def test_an_admin_invites_no_owner_and_takes_back_no_invitation_of_one(mailing, mailbox):
    owner = await mailing.owner()
    await owner.add("admin@example.com", "admin")
    admin = await mailing.client().login("admin@example.com", PASSWORD)
    refused = await admin.call("POST", "/invitations", {"email": NEW, "role": "owner"})
    assert refusal(refused) == (403, "auth.owner_only")
    made = await invite(owner, role="owner")
    assert refusal(await admin.call("DELETE", f"/invitations/{made['id']}")) == (403, "auth.owner_only")


async def test_another_tenants_invitations_are_not_there(mailing, mailbox):
    made = await invite(await mailing.owner())
    boss = await mailing.second_tenant()
    assert (await boss.call("DELETE", f"/invitations/{made['id']}")).status_code == 404
    assert (await boss.call("GET", "/invitations")).json()["items"] == []
    await invite(boss)  # the same address in another tenant is another invitation
    tokens = [token_of(await mailbox.next(to=NEW, after=number)) for number in (0, 1)]
    assert (await accept(mailing, tokens[0], password=PASSWORD)).json()["tenant"]["slug"] == "demo"
    known = await mailing.client().login(NEW, PASSWORD)
    assert (await accept(mailing, tokens[1], bearer=known)).json()["tenant"]["slug"] == "second"


async def test_a_suspended_tenant_takes_nobody_in(mailing, mailbox):
    boss = await mailing.second_tenant()
    await invite(boss)
    token = token_of(await mailbox.next(to=NEW))
    tenant = (await boss.call("GET", "/me")).json()["tenant"]["id"]
    operator = await mailing.operator()
    assert (await operator.call("PATCH", f"/tenants/{tenant}", {"state": "suspended"})).status_code == 200
    assert refusal(await accept(mailing, token, password=PASSWORD)) == (404, "auth.invitation_invalid")


async def test_a_member_is_not_invited_again(mailing):
    owner = await mailing.owner()
    await owner.add("member@example.com")
    assert refusal(await owner.call("POST", "/invitations", {"email": "member@example.com"})) == (
        409,
        "auth.already_member",
    )


async def test_invitations_come_page_by_page_with_a_count_and_a_tag(mailing, mailbox):
    owner = await mailing.owner()
    for number in range(3):
        await invite(owner, f"n{number}@example.com")
    first = await owner.call("GET", "/invitations?limit=2&count=true")
    assert first.json()["count"]["value"] == 3
    assert (
        await owner.call("GET", "/invitations?limit=2&count=true", **{"If-None-Match": first.headers["etag"]})
    ).status_code == 304
    rest = (await owner.call("GET", f"/invitations?limit=2&cursor={first.json()['next_cursor']}")).json()
    assert len(first.json()["items"]) + len(rest["items"]) == 3
    assert "count" not in rest


async def test_a_tenant_has_at_most_a_thousand_invitations_open(mailing, mailbox, test_database):
    owner = await mailing.owner()
    assert (await owner.call("POST", "/invitations", {"email": "first@example.com", "role": "member"})).is_success
    connection = await test_database.admin()
    await connection.execute(
        """
        INSERT INTO auth.invitations
        SELECT (jsonb_populate_record(i, jsonb_build_object(
            'invitation_id', gen_random_uuid(), 'email', n || '@example.com', 'token_hash', '\\x' || md5(n::text)
        ))).*
        FROM auth.invitations i, generate_series(2, 1000) n
        """
    )
    await connection.close()
    refused = await owner.call("POST", "/invitations", {"email": "last@example.com", "role": "member"})
    assert (refused.status_code, refused.json()["code"]) == (409, "auth.too_many_invitations")


async def test_one_address_is_not_flooded_with_mails(mailing, mailbox):
    owner = await mailing.owner()
    for _ in range(5):
        await invite(owner)
    answer = await owner.call("POST", "/invitations", {"email": NEW})
    assert refusal(answer) == (429, "auth.too_many_mails")
    assert int(answer.headers["retry-after"]) <= 3600


async def test_a_tenant_without_an_owners_password_waits_for_its_invited_owner(mailing, mailbox):
    operator = await mailing.operator()
    body = {"name": "Third", "slug": "third", "owner": {"email": NEW}}
    made = await operator.call("POST", "/tenants", body)
    assert made.status_code == 201, made.text
    assert made.json()["owner_id"] is None
    assert made.json()["invitation_id"].startswith("inv_")
    token = token_of(await mailbox.next(to=NEW))
    assert (await accept(mailing, token, password=PASSWORD)).json()["role"] == "owner"
    await mailing.client().login(NEW, PASSWORD, tenant="third")


async def test_the_mail_speaks_the_language_and_lets_no_name_become_a_link(mailing, mailbox):
    owner = await mailing.owner()
    await owner.call("PATCH", "/me", {"name": "<b>Eve</b>\nhttps://evil.example/x", "locale": "ru"})
    await invite(owner)
    mail = await mailbox.next(to=NEW)
    assert mail["Subject"] == "Вас приглашают в «Demo»"
    assert mail["Auto-Submitted"] == "auto-generated"
    for text in (text_of(mail), html_of(mail)):
        assert "evil.example" not in text
        assert "<b>Eve" not in html_of(mail)
        assert text.count("http://127.0.0.1:8000/invitation?token=jei_") == text.count("://")


async def test_no_token_stands_in_the_database_or_the_log(mailing, mailbox, test_database, capsys):
    await invite(await mailing.owner())
    token = token_of(await mailbox.next(to=NEW))
    await mailing.http.post("/api/v1/auth/password/forgot", json={"email": "owner@example.com"})
    other = token_of(await mailbox.next(to="owner@example.com"))
    connection = await test_database.admin()
    names = await connection.fetch("SELECT table_name AS n FROM information_schema.tables WHERE table_schema = 'auth'")
    for name in names:
        for row in await connection.fetch(f'SELECT t::text FROM auth."{name["n"]}" t'):  # noqa: S608
            for secret in (token, other):
                assert secret not in row[0]
                assert secret.encode().hex() not in row[0]
    await connection.close()
    told = capsys.readouterr()
    assert token not in told.out + told.err
    assert other not in told.out + told.err
