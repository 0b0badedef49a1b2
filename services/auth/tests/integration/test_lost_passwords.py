"""A lost password: one answer for everybody, a link for one hour and one use, and every session ends."""

import asyncio
import statistics
import time
from datetime import timedelta

import pytest
from mail_server import text_of, token_of

OWNER = "owner@example.com"
NEW_PASSWORD = "entirely new words here"


async def ask(auth, email=OWNER):
    return await auth.http.post("/api/v1/auth/password/forgot", json={"email": email})


async def reset(auth, token, password=NEW_PASSWORD):
    return await auth.http.post("/api/v1/auth/password/reset", json={"token": token, "password": password})


def refusal(answer):
    return answer.status_code, answer.json()["code"]


async def test_the_link_sets_a_password_once_and_ends_every_session(mailing, mailbox):
    sessions = [await mailing.owner() for _ in range(2)]
    assert (await ask(mailing)).status_code == 202
    token = token_of(await mailbox.next(to=OWNER))
    answer = await reset(mailing, token)
    assert answer.status_code == 204, answer.text
    for session in sessions:
        assert (await session.call("GET", "/me")).status_code == 401
        assert (await session.refresh()).status_code == 401
    assert (await mailing.http.post("/api/v1/auth/login", json=mailing.owner_login)).status_code == 401
    await mailing.client().login(OWNER, NEW_PASSWORD)
    assert refusal(await reset(mailing, token, "yet another set of words")) == (404, "auth.reset_invalid")
    told = await mailbox.next(to=OWNER, after=1)
    assert told["Subject"] == "Your password for Jira Export was changed"
    assert "token" not in text_of(told)


async def test_a_reset_ends_the_api_tokens_too(mailing, mailbox):
    owner = await mailing.owner()
    made = await owner.call("POST", "/auth/tokens", {"name": "left behind", "scopes": ["issues:read"]})
    assert made.status_code == 201, made.text
    await ask(mailing)
    assert (await reset(mailing, token_of(await mailbox.next(to=OWNER)))).status_code == 204
    fresh = mailing.client()
    await fresh.login(OWNER, NEW_PASSWORD)
    assert (await fresh.call("GET", "/auth/tokens")).json()["items"] == []


async def test_known_unknown_disabled_and_removed_people_get_the_same_answer_and_only_active_ones_a_mail(
    mailing, mailbox, test_database
):
    owner = await mailing.owner()
    gone = await owner.add("gone@example.com")
    await owner.call("DELETE", f"/users/{gone['id']}")
    await owner.add("disabled@example.com")
    connection = await test_database.admin()
    await connection.execute("UPDATE auth.users SET disabled_at = now() WHERE email = 'disabled@example.com'")
    await connection.close()
    people = ["nobody@example.com", "gone@example.com", "disabled@example.com", OWNER]
    answers = [await ask(mailing, email) for email in people]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "")}
    assert len({tuple(sorted(set(answer.headers) - {"x-request-id"})) for answer in answers}) == 1
    await mailbox.next(to=OWNER)
    assert [str(mail["To"]) for mail in mailbox.mails] == [OWNER]


async def test_asking_takes_the_same_time_for_nobody_as_for_somebody(mailing):
    async def seconds(email):
        started = time.perf_counter()
        await ask(mailing, email)
        return time.perf_counter() - started

    known, unknown = [], []
    for number in range(12):
        known.append(await seconds(OWNER if number < 4 else f"owner{number}@example.com"))
        unknown.append(await seconds(f"nobody{number}@example.com"))
    assert statistics.median(known) < 4 * statistics.median(unknown)
    assert statistics.median(unknown) < 4 * statistics.median(known)


async def test_of_five_resets_at_once_one_sets_the_password(mailing, mailbox):
    await ask(mailing)
    token = token_of(await mailbox.next(to=OWNER))
    words = [f"{NEW_PASSWORD} {number}" for number in range(5)]
    answers = await asyncio.gather(*(reset(mailing, token, word) for word in words))
    assert [answer.status_code for answer in answers].count(204) == 1
    await mailing.client().login(OWNER, words[[answer.status_code for answer in answers].index(204)])


async def test_a_link_expires_after_an_hour(mailing, mailbox):
    await ask(mailing)
    token = token_of(await mailbox.next(to=OWNER))
    mailing.clock.move(timedelta(hours=1))
    assert refusal(await reset(mailing, token)) == (410, "auth.reset_expired")
    await mailing.owner()


async def test_using_one_link_or_changing_the_password_ends_all_links(mailing, mailbox):
    await ask(mailing)
    await ask(mailing)
    first, second = [token_of(await mailbox.next(to=OWNER, after=number)) for number in (0, 1)]
    assert (await reset(mailing, second)).status_code == 204
    assert refusal(await reset(mailing, first)) == (404, "auth.reset_invalid")
    await ask(mailing)
    third = token_of(await mailbox.next(to=OWNER, after=3))
    owner = await mailing.client().login(OWNER, NEW_PASSWORD)
    change = {"current_password": NEW_PASSWORD, "new_password": "changed while signed in"}
    assert (await owner.call("PATCH", "/me", change)).status_code == 200
    assert refusal(await reset(mailing, third)) == (404, "auth.reset_invalid")


async def test_a_weak_password_leaves_the_link_good(mailing, mailbox):
    await ask(mailing)
    token = token_of(await mailbox.next(to=OWNER))
    for password in ("short", "passwordpassword", "ownerexample123"):
        assert refusal(await reset(mailing, token, password)) == (422, "auth.weak_password")
    assert (await reset(mailing, token)).status_code == 204


@pytest.mark.parametrize("token", ["jep_unknown", "x", "jei_" + "a" * 43, "'; DROP TABLE auth.users; --"])
async def test_what_is_no_link_sets_nothing(mailing, token):
    assert refusal(await reset(mailing, token)) == (404, "auth.reset_invalid")


async def test_one_person_is_not_flooded_and_the_answer_stays_the_same(mailing, mailbox):
    answers = [await ask(mailing) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {202}
    await mailbox.next(to=OWNER, after=4)
    connection_free = await ask(mailing, "nobody@example.com")
    assert connection_free.status_code == 202
    await asyncio.sleep(0.3)
    assert mailbox.count(OWNER) == 5


async def test_one_address_cannot_ask_for_everybody(mailing):
    answers = [await ask(mailing, f"n{number}@example.com") for number in range(31)]
    assert refusal(answers[-1]) == (429, "auth.too_many_tries")
    assert "retry-after" in answers[-1].headers


async def test_the_mail_leads_to_the_front_end_where_one_is_configured(mailing, mailbox):
    object.__setattr__(
        mailing.app, "settings", mailing.settings.model_copy(update={"front_end_url": "https://app.example.com/"})
    )
    await mailing.http.post(
        "/api/v1/auth/password/forgot", json={"email": OWNER}, headers={"Accept-Language": "ru,en;q=0.5"}
    )
    mail = await mailbox.next(to=OWNER)
    assert "https://app.example.com/reset?token=jep_" in text_of(mail)
    assert mail["Subject"] == "Новый пароль для Jira Export"
