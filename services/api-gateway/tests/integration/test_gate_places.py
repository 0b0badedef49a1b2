"""Places on a real gateway: a flood of one tenant leaves places to others, slow senders and long files hold none."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from gateway_client import Gateway, StartGateway

from api_gateway.gate.settings import Concurrency, GateSettings
from common.testing.mirror import MirrorSeed

ONE_EACH = GateSettings(
    own=Concurrency(places=2, per_tenant=1),
    forwarded=Concurrency(places=2, per_tenant=1),
    stream=Concurrency(places=4, per_tenant=2),
    most_waiting=1,
    patience=timedelta(seconds=1),
)


@pytest.fixture
async def held(start_gateway: StartGateway) -> Any:
    """A gateway whose peer answers when the test says so."""
    go = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway: Gateway = await start_gateway(peers={"auth_url": url, "export_worker_url": url}, limits=ONE_EACH)
    yield gateway, go
    go.set()
    server.close()


async def test_one_tenants_flood_is_429_and_another_tenant_goes_on(
    held: Any, mirror: MirrorSeed, other_mirror: MirrorSeed
) -> None:
    gateway, go = held
    mine, yours = gateway.as_tenant(mirror.tenant), gateway.as_tenant(other_mirror.tenant)
    running = asyncio.create_task(mine.get("/me"))
    await _until_held(gateway, mine)
    waiting = asyncio.create_task(mine.get("/me"))
    await asyncio.sleep(0.05)
    turned_away = await mine.get("/me")
    assert (turned_away.status_code, turned_away.json()["code"]) == (429, "limits.concurrency")
    assert turned_away.headers["retry-after"] == "1"
    assert "ratelimit" in turned_away.headers
    other = asyncio.create_task(yours.get("/me"))
    assert (await waiting).json()["code"] == "limits.concurrency", "its patience ended"
    go.set()
    assert [(await task).status_code for task in (running, other)] == [200, 200]
    assert (await mine.get("/me")).status_code == 200


async def _until_held(gateway: Gateway, client: Gateway) -> None:
    deadline = time.monotonic() + 5
    while not gateway.web.state.gate.places["forwarded"]._turns._held:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_files_and_reads_take_no_places_of_each_other(held: Any, mirror: MirrorSeed) -> None:
    gateway, go = held
    client = gateway.as_tenant(mirror.tenant)
    files = [asyncio.create_task(client.get("/issues/D-1/pdf")) for _ in range(2)]
    me = asyncio.create_task(client.get("/me"))
    await asyncio.sleep(0.1)
    assert (await client.get("/connections")).status_code == 200
    go.set()
    assert [(await task).status_code for task in (*files, me)] == [200] * 3


async def test_who_sends_slowly_holds_no_place(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    gateway: Gateway = await start_gateway(limits=ONE_EACH)
    client = gateway.as_tenant(mirror.tenant)
    rest = asyncio.Event()

    async def body() -> Any:
        yield b'{"q":'
        await rest.wait()
        yield b'"x"}'

    headers = {**client.headers, "content-type": "application/json"}
    slow = [
        asyncio.create_task(client.client.post("/api/v1/issues/search", content=body(), headers=headers))
        for _ in range(2)
    ]
    await asyncio.sleep(0.1)
    assert (await client.post("/issues/search", {"q": "x"})).status_code == 200
    rest.set()
    assert [(await task).status_code for task in slow] == [200, 200]


async def test_auth_away_leaves_signed_in_users_alone(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    gateway: Gateway = await start_gateway()
    client = gateway.as_tenant(mirror.tenant)
    assert (await client.get("/connections")).status_code == 200
    state = (await gateway.client.get("/health/ready")).json()
    assert (state["status"], state["checks"]["auth"]) == ("degraded", "away")
    sign_in = await gateway.post("/auth/login", {"email": "a@example.com", "password": "x" * 12})
    assert (sign_in.status_code, sign_in.json()["code"]) == (503, "auth.unavailable")
    assert int(sign_in.headers["retry-after"]) >= 1
    assert (await client.get("/connections")).status_code == 200


async def test_a_peer_that_fails_gives_its_place_back(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    gateway: Gateway = await start_gateway(limits=ONE_EACH)
    client = gateway.as_tenant(mirror.tenant)
    assert [(await client.get("/me")).status_code for _ in range(5)] == [503] * 5
