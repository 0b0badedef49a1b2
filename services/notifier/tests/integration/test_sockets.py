"""What happens to connections: tokens, times, limits, slow readers, endings."""

import asyncio
import json
import time

import httpx
import pytest
from notifier_bus import changed
from notifier_raw import Raw
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from common.clock import utc_now
from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.ids import new_id, parse_id, public_id


@pytest.fixture
def tenant():
    return public_id("ten", new_id())


async def test_connect_tells_the_life_of_the_token_and_the_ping(node, mint, tenant):
    async with Raw(node.url) as raw:
        body = await raw.connect(mint.token(tenant, ttl=300))
        assert 298 <= body["ttl"] <= 300
        assert (body["expires"], body["ping"], body["pong"]) == (True, 25, True)


async def test_a_token_may_come_with_the_upgrade(node, mint, tenant):
    async with Raw(node.url, additional_headers={"Authorization": f"Bearer {mint.token(tenant)}"}) as raw:
        assert "connect" in await raw.ask(connect={})


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
async def test_a_bad_token_ends_the_connection(node, token):
    async with Raw(node.url) as raw:
        if token:
            await raw.say(connect={"token": token})
            assert await raw.close_code() == 3500
        else:
            assert (await raw.ask(connect={}))["error"]["code"] == 101


async def test_a_foreign_signature_ends_the_connection(node, mint, tenant):
    head, body, signature = mint.token(tenant).split(".")
    async with Raw(node.url) as raw:
        await raw.say(connect={"token": f"{head}.{body}.{signature[::-1]}"})
        assert await raw.close_code() == 3500


async def test_an_ended_token_asks_for_a_fresh_one(node, mint, tenant):
    async with Raw(node.url) as raw:
        answer = await raw.ask(connect={"token": mint.token(tenant, ttl=-60)})
        assert answer["error"]["code"] == 109
        await raw.connect(mint.token(tenant))


async def test_the_platform_operator_has_no_channels(node, mint):
    async with Raw(node.url) as raw:
        assert (await raw.ask(connect={"token": mint.token(None)}))["error"]["code"] == 103


@pytest.mark.parametrize("frame", ["nonsense", "[]", '{"id":1,"subscribe":{"channel":"x"}}', b"\x00binary"])
async def test_what_is_no_command_ends_the_connection_as_bad_request(node, frame):
    async with Raw(node.url) as raw:
        await raw.socket.send(frame)
        assert await raw.close_code() == 3501


async def test_a_command_above_the_limit_is_message_too_big(node):
    async with Raw(node.url) as raw:
        await raw.socket.send('{"id":1,"connect":{"token":"' + "x" * 70_000 + '"}}')
        assert await raw.close_code() == 1009


async def test_a_silent_socket_is_stale(start_node):
    node = await start_node(connect_seconds=1)
    async with Raw(node.url) as raw:
        assert await raw.close_code() == 3502


async def test_a_client_that_does_not_answer_pings_is_gone(start_node, mint, tenant):
    node = await start_node(ping_seconds=2, pong_seconds=1)
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(tenant))
        assert await raw.close_code() == 3012
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(tenant))
        with pytest.raises(TimeoutError):
            await raw.hear(within=5)


async def test_a_token_that_is_not_refreshed_ends_the_connection(start_node, mint, tenant):
    node = await start_node(token_grace_seconds=1)
    user = public_id("usr", new_id())
    async with Raw(node.url) as lazy, Raw(node.url) as diligent:
        await lazy.connect(mint.token(tenant, ttl=2))
        await diligent.connect(mint.token(tenant, ttl=2, sub=user))
        fresh = await diligent.ask(refresh={"token": mint.token(tenant, sub=user)})
        assert fresh["refresh"]["ttl"] > 590
        assert await lazy.close_code() == 3005
        with pytest.raises(TimeoutError):
            await diligent.hear(within=1.5)


async def test_the_end_of_a_session_closes_its_sockets_and_its_tokens(node, mint, bus, tenant):
    session, user = public_id("ses", new_id()), public_id("usr", new_id())
    token = mint.token(tenant, sid=session, sub=user)
    async with Raw(node.url) as ended, Raw(node.url) as other:
        await ended.connect(token)
        await other.connect(mint.token(tenant, sub=user))
        started = time.monotonic()
        event = SessionEndedV1(user_id=user, at=utc_now(), session_id=session, reason="logout")
        await bus.send(event, tenant)
        assert await ended.close_code() == 3500
        assert time.monotonic() - started < 3
        assert (await other.ask(rpc={}))["error"]["code"] == 108
    async with Raw(node.url) as again:
        await again.say(connect={"token": token})
        assert await again.close_code() == 3500


async def test_a_node_that_starts_later_knows_the_ended_sessions(start_node, mint, bus, tenant):
    session = public_id("ses", new_id())
    event = SessionEndedV1(user_id=public_id("usr", new_id()), at=utc_now(), session_id=session, reason="logout")
    await bus.send(event, tenant)
    node = await start_node()
    async with Raw(node.url) as raw:
        await raw.say(connect={"token": mint.token(tenant, sid=session)})
        assert await raw.close_code() == 3500


async def test_a_changed_membership_sends_away_until_the_token_is_newer(node, mint, bus, tenant):
    user, now = public_id("usr", new_id()), int(time.time())
    old = mint.token(tenant, sub=user, iat=now - 5, ttl=500)
    async with Raw(node.url) as raw:
        await raw.connect(old)
        await bus.send(MembershipChangedV1(user_id=user, at=utc_now(), role="member"), tenant)
        assert await raw.close_code() == 3014
    async with Raw(node.url) as raw:
        assert (await raw.ask(connect={"token": old}))["error"]["code"] == 109
        await raw.connect(mint.token(tenant, sub=user, iat=int(time.time())))


async def test_a_tenant_may_not_take_all_connections(start_node, mint, tenant):
    node = await start_node(connections_per_tenant=1)
    async with Raw(node.url) as first, Raw(node.url) as second, Raw(node.url) as stranger:
        await first.connect(mint.token(tenant))
        await second.say(connect={"token": mint.token(tenant)})
        assert await second.close_code() == 3504
        await stranger.connect(mint.token(public_id("ten", new_id())))


async def test_pages_of_other_origins_are_refused_at_the_upgrade(start_node):
    node = await start_node(allowed_origins=["https://app.example.com"])
    with pytest.raises(InvalidStatus) as refused:
        await connect(node.url, origin="https://evil.example.com", proxy=None)
    assert refused.value.response.status_code == 403
    async with Raw(node.url, origin="https://app.example.com"), Raw(node.url, origin=node.http):
        assert len(node.app.connections) == 2


async def test_a_tenants_page_opens_sockets_for_that_tenant_alone(start_node, mint, tenant, test_database):
    admin, origin = await test_database.admin(), "https://own.example.com"
    await admin.execute("INSERT INTO auth.tenant_origins VALUES ($1, $2)", parse_id("ten", tenant), origin)
    await admin.close()
    node = await start_node()
    async with Raw(node.url, origin=origin) as own, Raw(node.url, origin=origin) as stranger:
        await own.connect(mint.token(tenant))
        answer = await stranger.ask(connect={"token": mint.token(public_id("ten", new_id()))})
        assert answer["error"]["code"] == 103


async def test_too_many_connections_per_second_are_asked_to_wait(start_node):
    node = await start_node(connect_rate=0.01, connect_burst=2)
    async with Raw(node.url), Raw(node.url):
        with pytest.raises(InvalidStatus) as refused:
            await connect(node.url, proxy=None)
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["Retry-After"] == "2"


async def test_a_refused_upgrade_is_no_error_in_the_log(start_node, caplog):
    node = await start_node(connect_rate=0.01, connect_burst=1)
    async with Raw(node.url):
        with pytest.raises(InvalidStatus):
            await connect(node.url, proxy=None)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_client_that_does_not_read_is_closed_as_slow_and_harms_nobody(start_node, mint, bus, mirror):
    """The stuck client's socket takes nothing any more; the quick one hears everything meanwhile."""
    node = await start_node(queue_max_bytes=64 * 1024)
    token = mint.token(mirror.tenant)
    async with Raw(node.url) as quick:
        await quick.connect(token)
        position = (await quick.subscribe(mirror.project))["subscribe"]
        stuck = await stuck_client(node, token, mirror.project)
        sent = 0
        while len(node.app.connections) > 1:
            sent += 1
            assert sent < 2_000, "the stuck client was never closed"
            await bus.send(changed(mirror, sent, key="K" * 20_000), mirror.tenant)
            assert (await quick.hear_publication())["data"]["data"]["revision"] == sent
        assert sent > 2
        stuck.close()
    async with Raw(node.url) as again:
        await again.connect(token)
        await bus.send(changed(mirror, sent + 1), mirror.tenant)
        answer = await again.subscribe(mirror.project, recover=True, **{k: position[k] for k in ("epoch", "offset")})
        recovered = answer["subscribe"]["publications"]
        revisions = [one["data"]["data"]["revision"] for one in recovered]
        assert answer["subscribe"]["recovered"]
        assert revisions == list(range(1, len(revisions) + 1))
        assert len(revisions) >= sent


async def test_a_client_that_asks_without_reading_waits_and_leaves_nothing_behind(node, mint, bus, mirror):
    """Answers do not pile up: no further command is taken from one that is owed much."""
    channel = mirror.project
    for number in range(30):
        first = await bus.send(changed(mirror, number, key="K" * 20_000), mirror.tenant)
    stuck = await stuck_client(node, mint.token(mirror.tenant), channel)
    (client,) = node.app.connections
    again = {"channel": channel, "recover": True, "epoch": f"jira.{bus.epoch}", "offset": first - 30}
    asked = f'{{"id":8,"unsubscribe":{{"channel":"{channel}"}}}}\n{json.dumps({"id": 9, "subscribe": again})}'
    stuck.write(masked(asked.encode()) * 60)
    most = 0
    async with asyncio.timeout(30):
        while client.queue.owed <= 64 * 1024 or not client.queue.is_writing:
            most = max(most, client.queue.owed)
            await asyncio.sleep(0.05)
    assert max(most, client.queue.owed) < 64 * 1024 + 30 * 21_000
    stuck.transport.abort()
    async with asyncio.timeout(10):
        while len(node.app.connections):
            await asyncio.sleep(0.05)


async def stuck_client(node, token, channel):
    """Subscribes, and from then on reads no byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.settings.http.port, limit=1024)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    writer.write(
        f"GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    commands = [{"id": 1, "connect": {"token": token}}, {"id": 2, "subscribe": {"channel": channel}}]
    writer.write(masked("\n".join(json.dumps(command) for command in commands).encode()))
    while b'"subscribe"' not in await reader.read(1024):
        pass
    writer.transport.pause_reading()
    return writer


def masked(payload):
    """A text frame of a client with the mask zero."""
    return b"\x81" + bytes([0x80 | 126]) + len(payload).to_bytes(2, "big") + b"\x00" * 4 + payload


async def test_stopping_sends_clients_away_within_the_drain_time(start_node, mint, tenant):
    node = await start_node()
    async with Raw(node.url) as first, Raw(node.url) as second:
        for raw in (first, second):
            await raw.connect(mint.token(tenant))
        started = time.monotonic()
        stopping = asyncio.create_task(node.stop())
        assert await first.close_code() == 3001
        assert await second.close_code() == 3001
        await stopping
        assert time.monotonic() - started < 9


async def test_health_says_what_is_there(node):
    async with httpx.AsyncClient() as client:
        answer = (await client.get(f"{node.http}/health/ready")).json()
    assert answer["status"] == "ready"
    assert answer["checks"] == {"history": "up", "postgres": "up", "kafka": "up"}
