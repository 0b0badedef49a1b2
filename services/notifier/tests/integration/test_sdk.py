"""The unmodified PyPI client: live, batches, recovery over a kill, refresh, the end of a session."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from centrifuge import Client, ClientEventHandler, SubscriptionEventHandler
from notifier_bus import changed
from notifier_node import free_port, wait_until_ready

from common.clock import utc_now
from common.contracts.access import SessionEndedV1
from common.ids import new_id, public_id


class Events(SubscriptionEventHandler):
    def __init__(self) -> None:
        self.heard = asyncio.Queue()
        self.subscribed = asyncio.Queue()
        self.unsubscribed = asyncio.Queue()

    async def on_publication(self, ctx):
        await self.heard.put(ctx.pub)

    async def on_unsubscribed(self, ctx):
        await self.unsubscribed.put(ctx)

    async def on_subscribed(self, ctx):
        await self.subscribed.put(ctx)


class Ends(ClientEventHandler):
    def __init__(self) -> None:
        self.disconnected = asyncio.Queue()

    async def on_disconnected(self, ctx):
        await self.disconnected.put(ctx)


async def subscribe(client, channel):
    events = Events()
    subscription = client.new_subscription(channel, events)
    await subscription.subscribe()
    return events


async def revisions(events, count):
    async with asyncio.timeout(20):
        return [(await events.heard.get()).data["data"]["revision"] for _ in range(count)]


async def test_the_stock_client_hears_an_issue_event(node, mint, bus, mirror):
    client = Client(node.url, token=mint.token(mirror.tenant))
    await client.connect()
    events = await subscribe(client, mirror.project)
    async with asyncio.timeout(10):
        context = await events.subscribed.get()
    assert context.positioned
    position = await bus.send(changed(mirror, 5), mirror.tenant)
    async with asyncio.timeout(10):
        publication = await events.heard.get()
    assert (publication.offset, publication.data["data"]["revision"]) == (position, 5)
    await client.disconnect()


async def test_a_refused_channel_tells_the_stock_client_why(node, mint, mirror):
    client = Client(node.url, token=mint.token(public_id("ten", new_id())))
    await client.connect()
    events = await subscribe(client, mirror.project)
    async with asyncio.timeout(10):
        assert (await events.unsubscribed.get()).code == 103
    await client.disconnect()


async def test_the_stock_client_refreshes_its_token(start_node, mint, bus, mirror):
    node = await start_node(token_grace_seconds=2)
    user, asked = public_id("usr", new_id()), []

    async def get_token():
        asked.append(1)
        return mint.token(mirror.tenant, sub=user, ttl=2 if len(asked) < 3 else 600)

    ends = Ends()
    client = Client(node.url, get_token=get_token, events=ends)
    await client.connect()
    events = await subscribe(client, mirror.project)
    async with asyncio.timeout(20):
        while len(asked) < 3:
            await asyncio.sleep(0.1)
    await bus.send(changed(mirror, 1), mirror.tenant)
    assert await revisions(events, 1) == [1]
    assert ends.disconnected.empty()
    assert events.subscribed.qsize() == 1
    await client.disconnect()


async def test_the_end_of_a_session_is_final_for_the_stock_client(node, mint, bus, mirror):
    session, ends = public_id("ses", new_id()), Ends()
    client = Client(node.url, token=mint.token(mirror.tenant, sid=session), events=ends)
    await client.connect()
    await client.ready(10)
    event = SessionEndedV1(user_id=public_id("usr", new_id()), at=utc_now(), session_id=session, reason="logout")
    await bus.send(event, mirror.tenant)
    async with asyncio.timeout(10):
        assert (await ends.disconnected.get()).code == 3500


async def test_two_nodes_tell_the_same_and_either_recovers_the_others_client(start_node, mint, bus, mirror):
    first, second = await start_node(), await start_node()
    clients = [Client(node.url, token=mint.token(mirror.tenant)) for node in (first, second)]
    heard = []
    for client in clients:
        await client.connect()
        heard.append(await subscribe(client, mirror.project))
        async with asyncio.timeout(10):
            await heard[-1].subscribed.get()
    for number in range(1, 6):
        await bus.send(changed(mirror, number), mirror.tenant)
    assert await revisions(heard[0], 5) == await revisions(heard[1], 5) == [1, 2, 3, 4, 5]
    await first.stop()
    for number in range(6, 9):
        await bus.send(changed(mirror, number), mirror.tenant)
    clients[0]._address = second.url
    assert await revisions(heard[0], 3) == [6, 7, 8]
    async with asyncio.timeout(10):
        assert (await heard[0].subscribed.get()).recovered
    for client in clients:
        await client.disconnect()


async def test_after_kill_9_the_client_gets_what_it_missed_once_and_in_order(
    test_database, kafka_settings, mint, bus, mirror, tmp_path
):
    process = Process(test_database, kafka_settings, mint.jwks_url, tmp_path)
    await process.start()
    client = Client(process.url, token=mint.token(mirror.tenant), min_reconnect_delay=0.1, max_reconnect_delay=0.5)
    await client.connect()
    events = await subscribe(client, mirror.project)
    async with asyncio.timeout(10):
        await events.subscribed.get()
    await bus.send(changed(mirror, 1), mirror.tenant)
    assert await revisions(events, 1) == [1]
    process.kill()
    for number in range(2, 40):
        await bus.send(changed(mirror, number), mirror.tenant)
    await process.start()
    await bus.send(changed(mirror, 40), mirror.tenant)
    assert await revisions(events, 39) == list(range(2, 41))
    assert (await events.subscribed.get()).recovered
    await client.disconnect()
    process.kill()


class Process:
    """`python -m notifier` as an operator runs it."""

    def __init__(self, database, kafka, jwks_url, folder: Path) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/connection/websocket"
        self._log = folder / "notifier.log"
        self._env = {
            **os.environ,
            "HTTP__PORT": str(self.port),
            "HTTP__INTERNAL_PORT": "0",
            "POSTGRES__DSN": database.dsn("notifier"),
            "KAFKA__BOOTSTRAP": kafka.bootstrap,
            "KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
            "TOKENS__JWKS_URL": jwks_url,
            "INTERNAL__SECRET": "x" * 32,
        }

    async def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it outlives the call, and the command is ours
                [sys.executable, "-m", "notifier"], env=self._env, stdout=log, stderr=log
            )
        await wait_until_ready(f"http://127.0.0.1:{self.port}")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
