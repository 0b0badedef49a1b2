"""Guessing passwords is slow for strangers, and never keeps the person out for long."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from mail_server import token_of

from auth.settings import SignInSettings

OWNER = "owner@example.com"
WRONG = "wrong wrong wrong"


@pytest.fixture
def settings(settings):
    slow = SignInSettings(tries_per_account=5, tries_per_address=15, tries_anywhere=12)
    # A loaded machine must not make the service count by itself for a while, as it does when Redis is slow.
    patient = settings.redis.model_copy(update={"timeout": timedelta(seconds=10)})
    return settings.model_copy(update={"sign_in": slow, "redis": patient})


def from_address(auth, address):
    """The same service, reached from somewhere else."""
    transport = httpx.ASGITransport(auth.http._transport.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://auth.test")


async def guess(auth, address, email=OWNER, password=WRONG):
    async with from_address(auth, address) as http:
        return await http.post("/api/v1/auth/login", json={"email": email, "password": password})


async def test_the_owner_signs_in_from_elsewhere_while_one_address_attacks(auth):
    answers = [await guess(auth, "198.51.100.7") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    right = await guess(auth, "192.0.2.9", password=auth.owner_login["password"])
    assert right.status_code == 200


async def test_the_owner_signs_in_from_a_known_address_while_many_addresses_attack(auth):
    home = "192.0.2.9"
    assert (await guess(auth, home, password=auth.owner_login["password"])).status_code == 200
    answers = await asyncio.gather(*(guess(auth, f"198.51.100.{number}") for number in range(20)))
    assert {answer.status_code for answer in answers} <= {401, 429}
    stranger = await guess(auth, "198.51.100.99", password=auth.owner_login["password"])
    assert (stranger.status_code, stranger.json()["code"]) == (429, "auth.too_many_tries")
    assert int(stranger.headers["retry-after"]) <= 900
    assert (await guess(auth, home, password=auth.owner_login["password"])).status_code == 200
    assert (await guess(auth, home)).status_code == 401  # a slip of the person's own is no attack


async def test_an_unknown_account_is_slowed_in_the_same_way(auth):
    for email in (OWNER, "nobody@example.com"):
        answers = [await guess(auth, f"198.51.100.{number}", email) for number in range(14)]
        assert [answer.status_code for answer in answers] == [401] * 12 + [429] * 2


async def test_one_household_of_ipv6_is_one_address(auth):
    statuses = [(await guess(auth, f"2001:db8:1:2::{n:x}")).status_code for n in range(1, 8)]
    assert statuses == [401] * 5 + [429] * 2
    assert (await guess(auth, "2001:db8:1:3::1")).status_code == 401


async def test_a_new_password_ends_the_attack(mailing, mailbox):
    await asyncio.gather(*(guess(mailing, f"198.51.100.{number}") for number in range(14)))
    assert (await guess(mailing, "203.0.113.1")).status_code == 429
    await mailing.http.post("/api/v1/auth/password/forgot", json={"email": OWNER})
    token = token_of(await mailbox.next(to=OWNER))
    body = {"token": token, "password": "entirely new words here"}
    assert (await mailing.http.post("/api/v1/auth/password/reset", json=body)).status_code == 204
    assert (await guess(mailing, "203.0.113.1", password="entirely new words here")).status_code == 200


async def test_refusals_and_sign_ins_are_in_the_log_of_the_tenant(auth, test_database):
    await guess(auth, "198.51.100.7")
    await guess(auth, "198.51.100.7", "nobody@example.com")
    owner = await auth.owner()
    connection = await test_database.admin()
    rows = await connection.fetch("SELECT tenant_id, event::text AS event FROM auth.outbox ORDER BY seq")
    await connection.close()
    told = [bytes.fromhex(row["event"][2:]).decode() for row in rows]
    refused = [text for text in told if '"session.refused"' in text]
    assert len(refused) == 2
    assert '"address":"198.51.100.7"' in refused[0].replace(" ", "")
    assert "nobody@example.com" not in refused[1]
    assert any('"session.started"' in text and owner.signed["session_id"] in text for text in told)
