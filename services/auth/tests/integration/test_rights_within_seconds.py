"""A change at auth reaches another service's verifier through outbox, relay and Kafka within seconds; measured."""

import asyncio
import time

import httpx
import pytest
from pydantic import SecretStr

from common.contracts.topics import Topic
from common.errors import SessionEnded, TokenOutdated, TokenRevoked
from common.messaging.broadcast import Broadcast
from common.settings import InternalSettings
from common.web.api_tokens import HttpExchange
from common.web.ended_sessions import REMEMBER, EndedSessionList
from common.web.tokens import TokenVerifier

INTERNAL = InternalSettings(secret=SecretStr("internal-secret-of-the-tests-0123456789"))
WITHIN = 5.0


@pytest.fixture
async def elsewhere(auth):
    """What a gateway has: a verifier, a deny list, and a reader that keeps it fresh."""
    ended = EndedSessionList()
    broadcast = Broadcast(auth.settings.kafka, (Topic.ACCESS_EVENTS,), start_from=REMEMBER)

    async def listen():
        async for received in broadcast.messages():
            ended.note(received)

    listening = asyncio.create_task(listen())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(auth.web)) as client:
        exchange = HttpExchange(auth.settings.tokens, INTERNAL, client, service="api-gateway")
        verifier = TokenVerifier(auth.settings.tokens, client, ended, exchange=exchange)
        async with asyncio.timeout(30):
            await broadcast.caught_up.wait()
        yield verifier
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def seconds_until(verifier, token, refusal):
    started = time.perf_counter()
    while time.perf_counter() - started < WITHIN:
        try:
            await verifier.verify(token)
        except refusal:
            return time.perf_counter() - started
        await asyncio.sleep(0.01)
    pytest.fail(f"still taken after {WITHIN} s")


async def member_of(auth, owner):
    user = (await owner.add("member@example.com"))["id"]
    return user, await auth.client().login("member@example.com", "correct horse battery")


async def test_a_role_change_refuses_older_tokens_and_the_next_one_is_taken(auth, elsewhere):
    owner = await auth.owner()
    user, member = await member_of(auth, owner)
    old = member.signed["access_token"]
    assert "issues:write" in (await elsewhere.verify(old)).scopes
    await owner.call("PATCH", f"/users/{user}", {"role": "viewer"})
    took = await seconds_until(elsewhere, old, TokenOutdated)
    print(f"refused elsewhere after {took * 1000:.0f} ms")  # noqa: T201 - the measurement
    fresh = (await member.refresh()).json()["access_token"]
    assert "issues:write" not in (await elsewhere.verify(fresh)).scopes


async def test_a_role_change_narrows_an_api_token_without_a_word_to_its_holder(auth, elsewhere):
    owner = await auth.owner()
    user, member = await member_of(auth, owner)
    wish = {"name": "ci", "scopes": ["issues:read", "issues:write"]}
    text = (await member.call("POST", "/auth/tokens", wish)).json()["token"]
    assert (await elsewhere.verify(text)).scopes == {"issues:read", "issues:write"}
    await owner.call("PATCH", f"/users/{user}", {"role": "viewer"})
    async with asyncio.timeout(WITHIN):
        while (await elsewhere.verify(text)).scopes != {"issues:read"}:
            await asyncio.sleep(0.01)


async def test_ending_a_session_or_a_token_refuses_it_elsewhere(auth, elsewhere):
    owner, other = await auth.owner(), await auth.owner()
    made = (await owner.call("POST", "/auth/tokens", {"name": "ci", "scopes": ["issues:read"]})).json()
    await elsewhere.verify(other.signed["access_token"])
    await elsewhere.verify(made["token"])
    await owner.call("DELETE", f"/auth/sessions/{other.signed['session_id']}")
    await owner.call("DELETE", f"/auth/tokens/{made['id']}")
    await seconds_until(elsewhere, other.signed["access_token"], SessionEnded)
    await seconds_until(elsewhere, made["token"], TokenRevoked)
    await elsewhere.verify(owner.signed["access_token"])


async def test_removing_a_member_refuses_session_and_token_elsewhere(auth, elsewhere):
    owner = await auth.owner()
    user, member = await member_of(auth, owner)
    text = (await member.call("POST", "/auth/tokens", {"name": "ci", "scopes": ["issues:read"]})).json()["token"]
    await elsewhere.verify(text)
    await owner.call("DELETE", f"/users/{user}")
    await seconds_until(elsewhere, member.signed["access_token"], (SessionEnded, TokenOutdated))
    await seconds_until(elsewhere, text, TokenRevoked)
