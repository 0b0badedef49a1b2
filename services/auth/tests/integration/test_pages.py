"""The built-in pages: they work without JavaScript, load nothing, show no foreign text, and only their form acts."""

import re

import pytest
from mail_server import token_of

OWNER, NEW = "owner@example.com", "new@example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def invited(mailing, mailbox, **owner_has: str):
    owner = await mailing.owner()
    if owner_has:
        tag = (await owner.call("GET", "/tenant")).headers["etag"]
        await owner.call("PATCH", "/tenant", owner_has, **{"If-Match": tag})
    assert (await owner.call("POST", "/invitations", {"email": NEW})).status_code == 202
    return token_of(await mailbox.next(to=NEW))


def check_page(answer, status=200):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'" in policy
    assert "script" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|<img|<link|\son\w+=|javascript:", answer.text, re.IGNORECASE)
    return answer


async def test_a_person_joins_by_the_page_and_opening_it_uses_nothing_up(mailing, mailbox):
    token = await invited(mailing, mailbox)
    for _ in range(3):
        page = check_page(await mailing.http.get("/invitation", params={"token": token}))
    assert NEW in page.text
    assert 'autocomplete="new-password"' in page.text
    sent = {"token": token, "name": "New Person", "password": "correct horse battery"}
    done = check_page(await mailing.http.post("/invitation", data=sent))
    assert "You are a member of Demo now" in done.text
    assert token not in done.text
    await mailing.client().login(NEW, "correct horse battery")
    check_page(await mailing.http.post("/invitation", data=sent), 404)


async def test_a_password_is_set_by_the_page(mailing, mailbox):
    await mailing.http.post("/api/v1/auth/password/forgot", json={"email": OWNER})
    token = token_of(await mailbox.next(to=OWNER))
    check_page(await mailing.http.get("/reset", params={"token": token}))
    weak = check_page(await mailing.http.post("/reset", data={"token": token, "password": "passwordpassword"}), 422)
    assert "too easy to guess" in weak.text
    assert 'type="hidden"' in weak.text
    check_page(await mailing.http.post("/reset", data={"token": token, "password": "entirely new words here"}))
    await mailing.client().login(OWNER, "entirely new words here")


async def test_a_wrong_password_shows_the_form_again(mailing, mailbox):
    boss = await mailing.second_tenant()
    token = await invited(mailing, mailbox)
    await mailing.http.post("/invitation", data={"token": token, "password": "correct horse battery"})
    await boss.call("POST", "/invitations", {"email": NEW})
    other = token_of(await mailbox.next(to=NEW, after=1))
    page = check_page(await mailing.http.get("/invitation", params={"token": other}))
    assert 'autocomplete="current-password"' in page.text
    wrong = check_page(await mailing.http.post("/invitation", data={"token": other, "password": "not this one"}), 401)
    assert "E-mail or password is wrong." in wrong.text
    check_page(await mailing.http.post("/invitation", data={"token": other, "password": "correct horse battery"}))


async def test_names_are_text_and_never_markup(mailing, mailbox):
    token = await invited(mailing, mailbox, name='<script>alert("x")</script>&"')
    page = check_page(await mailing.http.get("/invitation", params={"token": token}))
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&quot;" in page.text


async def test_the_pages_speak_russian_to_who_asks_for_it(mailing, mailbox):
    token = await invited(mailing, mailbox)
    page = await mailing.http.get("/invitation", params={"token": token}, headers={"Accept-Language": "ru"})
    assert '<html lang="ru">' in page.text
    assert "Приглашение в «Demo»" in page.text
    assert page.headers["content-language"] == "ru"
    wrong = await mailing.http.get("/reset?token=x", headers={"Accept-Language": "ru-RU"})
    assert "Ссылка для нового пароля неизвестна" in wrong.text


@pytest.mark.parametrize("path", ["/invitation", "/reset"])
@pytest.mark.parametrize("token", ["", "unknown-token", '"><script>alert(1)</script>', "\u202e" * 10, "x" * 512])
async def test_a_token_that_is_none_is_told_and_not_shown(auth, path, token):
    page = check_page(await auth.http.get(path, params={"token": token}), 404)
    assert "<script>alert" not in page.text
    assert token == "" or token not in page.text
    check_page(await auth.http.post(path, data={"token": token, "password": "entirely new words here"}), 404)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json"}, b'{"token": "x", "password": "y"}'),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--"),
        (FORM, b"token=" + b"x" * 9_000),
        (FORM, b"token=%00&password=x"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(50))),
        (FORM, b"\xff\xfe=%zz&token=%ff"),
        ({}, b""),
    ],
)
@pytest.mark.parametrize("path", ["/invitation", "/reset"])
async def test_a_body_that_is_not_the_form_is_refused(auth, path, headers, body):
    answer = await auth.http.post(path, content=body, headers=headers)
    assert answer.status_code in (400, 404, 415)


@pytest.mark.parametrize(
    "error", ["auth.no_membership", "<script>alert(1)</script>", "https://evil.example", "Call 555-1234 now", "a" * 100]
)
async def test_the_end_of_a_sign_in_says_only_sentences_of_our_own(auth, error):
    page = check_page(await auth.http.get("/signed-in", params={"error": error}), 400)
    assert "You are not signed in" in page.text
    for foreign in ("alert(1)", "evil.example", "555-1234"):
        assert foreign not in page.text


async def test_the_end_of_a_sign_in(auth):
    assert "You are signed in" in check_page(await auth.http.get("/signed-in")).text
