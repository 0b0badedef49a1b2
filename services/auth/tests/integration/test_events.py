"""Ending a session reaches Kafka through the outbox."""

import asyncio
from datetime import timedelta

import pytest

from auth.domain.families import GRACE
from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.contracts.audit import AccessAuditRecordedV1
from common.contracts.topics import Topic
from common.ids import parse_id
from common.messaging.broadcast import Broadcast


async def _heard(auth, count):
    """The first events of the database's own outbox; other tests share the topics, so only its sessions count."""
    events = []
    broadcast = Broadcast(auth.settings.kafka, (Topic.ACCESS_EVENTS,), start_from=timedelta(minutes=5))
    messages = broadcast.messages()
    async with asyncio.timeout(30):
        async for received in messages:
            event = received.envelope.event()
            if received.envelope.tenant != auth.tenant or isinstance(event, AccessAuditRecordedV1):
                continue
            events.append(event)
            if len(events) == count:
                break
    await messages.aclose()
    return events


@pytest.fixture
async def owned(auth):
    """The demo tenant stands in every clone of the template, so each test of this module makes its own."""
    operator = await auth.operator()
    slug = f"t{id(auth)}"
    body = {"name": "T", "slug": slug, "owner": {"email": "boss@example.com", "password": "correct horse battery"}}
    made = (await operator.call("POST", "/tenants", body)).json()
    auth.tenant = parse_id("ten", made["id"])
    return auth


async def boss_of(auth):
    return await auth.client().login("boss@example.com", "correct horse battery")


async def test_logout_and_reuse_are_told_with_their_reasons(owned):
    boss, other = await boss_of(owned), await boss_of(owned)
    await boss.call("POST", "/auth/logout")
    first = other.signed["refresh_token"]
    await other.refresh(first)
    owned.clock.move(GRACE + timedelta(seconds=1))
    await other.refresh(first)
    joined, *ended = await _heard(owned, 3)
    assert isinstance(joined, MembershipChangedV1)
    assert all(isinstance(event, SessionEndedV1) for event in ended)
    assert [(event.session_id, event.reason) for event in ended] == [
        (boss.signed["session_id"], "logout"),
        (other.signed["session_id"], "refresh_reused"),
    ]


async def test_a_removed_member_is_told_with_every_session(owned):
    boss = await boss_of(owned)
    body = {"email": "m@example.com", "password": "correct horse battery"}
    made = (await boss.call("POST", "/users", body)).json()
    sessions = [
        (await owned.client().login("m@example.com", "correct horse battery")).signed["session_id"] for _ in range(2)
    ]
    await boss.call("DELETE", f"/users/{made['id']}")
    _, joined, left, *ended = await _heard(owned, 5)
    assert (joined.role, left.role) == ("member", None)
    assert {(event.session_id, event.reason) for event in ended} == {(session, "removed") for session in sessions}


async def test_signing_out_twice_is_told_once(owned):
    boss = await boss_of(owned)
    body = {"refresh_token": boss.signed["refresh_token"]}
    for _ in range(2):
        await owned.http.post("/api/v1/auth/logout", json=body)
    again = await boss_of(owned)
    await again.call("POST", "/auth/logout")
    _, first, second = await _heard(owned, 3)
    assert [first.session_id, second.session_id] == [boss.signed["session_id"], again.signed["session_id"]]
