"""The public port on a real socket: whoever is slow, endless or ambiguous is cut off, and told why where it can be."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse

from common.settings import HttpSettings
from common.web.headers import SECURITY_HEADERS
from common.web.middleware import LimitsMiddleware, RequestMiddleware
from common.web.serving import public_config

SHORT = timedelta(milliseconds=400)
Start = Callable[..., Any]


class Seen:
    def __init__(self) -> None:
        self.requests: list[str] = []
        self.streams_ended = 0


@pytest.fixture
def seen() -> Seen:
    return Seen()


def _app(seen: Seen) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/who")
    async def who(request: Request) -> dict[str, str]:
        seen.requests.append(str(request.url))
        return {"client": request.client.host if request.client else "", "scheme": request.url.scheme}

    @app.post("/take")
    async def take(request: Request) -> dict[str, int]:
        body = await request.body()
        seen.requests.append(f"take {len(body)}")
        return {"got": len(body)}

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            try:
                while True:
                    await asyncio.sleep(0)
                    yield b"x" * 65_536
            finally:
                seen.streams_ended += 1

        return StreamingResponse(parts())

    app.add_middleware(LimitsMiddleware, max_body=1_000_000)
    app.add_middleware(RequestMiddleware, service="probe")
    return app


@pytest.fixture
async def start(seen: Seen) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(**changes: Any) -> int:
            bounds = {"head_timeout": SHORT, "body_timeout": SHORT, "read_timeout": SHORT, **changes}
            http = HttpSettings(port=0, internal_port=0, graceful_timeout=timedelta(seconds=1), **bounds)
            server = uvicorn.Server(public_config(_app(seen), http, lifespan="off"))
            server.capture_signals = AsyncExitStack  # type: ignore[assignment,method-assign]
            server.config.load()
            server.lifespan = server.config.lifespan_class(server.config)
            await server.startup()
            task = asyncio.create_task(server.main_loop())

            async def stop() -> None:
                server.should_exit = True
                await task
                await server.shutdown()

            stack.push_async_callback(stop)
            port: int = server.servers[0].sockets[0].getsockname()[1]
            return port

        yield begin


async def _talk(port: int, *parts: bytes, pause: float = 0, within: float = 5) -> bytes:
    """Sends parts, and reads meanwhile until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = bytearray()

    async def read() -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                answer.extend(chunk)

    async with asyncio.timeout(within):
        reading = asyncio.create_task(read())
        for part in parts:
            if reading.done():
                break
            writer.write(part)
            await asyncio.sleep(pause)
        await reading
    writer.close()
    return bytes(answer)


def _problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    for name, value in SECURITY_HEADERS.items():
        assert f"{name}: {value}".lower() in head.decode().lower(), head
    assert b"application/problem+json" in head
    assert b"no-store" in head.lower()
    return int(head.split()[1]), json.loads(body)["code"]


GET = b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"


async def test_headers_that_trickle_are_cut_off(start: Start) -> None:
    port, started = await start(), time.monotonic()
    drip = [b"GET /who HTTP/1.1\r\nHost: a\r\n", *(b"X-%d: y\r\n" % number for number in range(40))]
    assert _problem(await _talk(port, *drip[:20], pause=0.05)) == (408, "request.too_slow")
    assert 0.3 < time.monotonic() - started < 2
    assert _problem(await _talk(port)) == (408, "request.too_slow")


async def test_blank_lines_keep_no_connection_open(start: Start) -> None:
    port = await start()
    answer = await _talk(port, b"GET /who HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in answer


async def test_a_body_that_stops_is_cut_off_and_reaches_no_handler(start: Start, seen: Seen) -> None:
    port, started = await start(), time.monotonic()
    head = b"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    assert _problem(await _talk(port, head, *[b"x"] * 30, pause=0.03)) == (408, "request.too_slow")
    assert time.monotonic() - started < 3
    assert seen.requests == []


async def test_a_large_body_that_goes_on_arrives_whole(start: Start, seen: Seen) -> None:
    port = await start()
    head = b"POST /take HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 800000\r\n\r\n"
    answer = await _talk(port, head, *[b"x" * 80_000] * 10, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 200")
    assert seen.requests == ["take 800000"]


async def test_who_does_not_read_the_answer_is_cut_off(start: Start, seen: Seen) -> None:
    port = await start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    deadline = time.monotonic() + 5
    while seen.streams_ended == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    with pytest.raises(ConnectionError):
        while await reader.read(1 << 20):
            pass
        raise ConnectionResetError
    writer.close()


async def test_who_reads_slowly_but_reads_gets_everything(start: Start, seen: Seen) -> None:
    port = await start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert await reader.read(8_000_000)
        await asyncio.sleep(0.01)
    assert seen.streams_ended == 0
    writer.close()


async def test_too_many_or_too_large_headers_are_431(start: Start) -> None:
    port = await start()
    assert _problem(await _talk(port, GET + b"X: y\r\n" * 101 + b"\r\n")) == (431, "request.headers_too_large")
    assert _problem(await _talk(port, GET + b"X: " + b"y" * 70_000)) == (431, "request.headers_too_large")
    many = b"".join(b"X%d: " % number + b"y" * 1_000 + b"\r\n" for number in range(80))
    assert _problem(await _talk(port, GET + many + b"\r\n")) == (431, "request.headers_too_large")
    long = b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert _problem(await _talk(port, long)) == (431, "request.headers_too_large")
    assert b" 200 " in await _talk(port, GET + b"X: y\r\n" * 90 + b"\r\n")


POST = b"POST /take HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
AMBIGUOUS = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    "chunks and length": CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\nX",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
    "the same length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nxxxxx",
    "lengths in a list": POST + b"Content-Length: 5, 5\r\n\r\nxxxxx",
    "a signed length": POST + b"Content-Length: +5\r\n\r\nxxxxx",
    "an endless length": POST + b"Content-Length: 99999999999999999999999\r\n\r\nx",
    "a folded header": POST + b"X: y\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": POST + b"Content-Length : 5\r\n\r\nxxxxx",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a bad chunk size": CHUNKED + b"\r\n0x5\r\nxxxxx\r\n0\r\n\r\n",
    "a NUL in a header": b"GET /who HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    "a bare CR": b"GET /who HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 5\r\n\r\n",
    "two hosts": b"GET /who HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": b"GET /who HTTP/1.1\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00",
    "a version from nowhere": b"GET /who HTTP/9.9\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
async def test_what_two_readers_could_read_differently_is_refused_and_the_connection_ends(
    start: Start, seen: Seen, request_: bytes
) -> None:
    port = await start(head_timeout=timedelta(seconds=5))
    answer = await _talk(port, request_ + b"GET /who?smuggled HTTP/1.1\r\nHost: a\r\n\r\n", within=3)
    assert _problem(answer) == (400, "request.malformed")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not [url for url in seen.requests if "smuggled" in url]


async def test_one_address_has_so_many_connections_and_no_more(start: Start) -> None:
    port = await start(connections_per_address=5, trusted_proxies=(), head_timeout=timedelta(seconds=5))
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
    assert await _talk(port, GET + b"\r\n", within=2) == b""
    held[0][1].close()
    deadline = time.monotonic() + 3
    while not (await _talk(port, GET + b"\r\n", within=2)).startswith(b"HTTP/1.1 200"):
        assert time.monotonic() < deadline
    for _, writer in held:
        writer.close()


async def test_the_client_is_the_rightmost_address_that_is_no_proxy(start: Start) -> None:
    port = await start(trusted_proxies=("127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"))
    cases = {
        "6.6.6.6": "6.6.6.6",
        "1.1.1.1, 6.6.6.6": "6.6.6.6",
        "1.1.1.1, 6.6.6.6, 10.1.2.3": "6.6.6.6",
        "1.1.1.1, 10.9.9.9, 6.6.6.6, 10.1.2.3": "6.6.6.6",
        "1.1.1.1, evil<script>, 10.1.2.3": "10.1.2.3",
        "unknown": "127.0.0.1",
        "2a00::7, 2001:db8::1": "2a00::7",
        "[2a00::7]:4711, [2001:db8::1]:80": "2a00::7",
        "::ffff:6.6.6.6": "6.6.6.6",
        "6.6.6.6:4711": "6.6.6.6",
        "10.3.3.3": "10.3.3.3",
    }
    for told, expected in cases.items():
        answer = await _talk(port, GET + b"X-Forwarded-For: " + told.encode() + b"\r\n\r\n")
        assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["client"] == expected, told
    two_lines = b"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n\r\n"
    assert json.loads((await _talk(port, GET + two_lines)).rpartition(b"\r\n\r\n")[2]) == {
        "client": "6.6.6.6",
        "scheme": "https",
    }


async def test_strangers_forwarding_headers_are_not_read(start: Start) -> None:
    port = await start(trusted_proxies=("10.0.0.0/8",))
    told = b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n\r\n"
    answer = await _talk(port, GET + told)
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2]) == {"client": "127.0.0.1", "scheme": "http"}


async def test_compressed_and_divided_bodies_are_415(start: Start, seen: Seen) -> None:
    port = await start()
    for header in (
        b"Content-Encoding: gzip",
        b"Content-Encoding: br, gzip",
        b"Content-Type: multipart/form-data; boundary=x",
    ):
        head = b"POST /take HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n" + header + b"\r\n\r\n{}"
        assert _problem(await _talk(port, head)) == (415, "request.unsupported_media_type")
    assert seen.requests == []
