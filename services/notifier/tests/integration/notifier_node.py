"""A notifier as it is served in production, on a port of its own, in this process."""

import asyncio
import os
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
import uvicorn
from pydantic import SecretStr

from common.settings import HttpSettings, InternalSettings, KafkaSettings, TokenSettings
from common.testing.databases import TestDatabase
from notifier.app import App
from notifier.main import build, socket_options
from notifier.settings import Settings


class QuietServer(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def free_port() -> int:
    """A free port of 18300-18349; every xdist worker has five of its own, since a port is free for all until bound."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = 18300 + int(worker) % 10 * 5
    for port in range(first, first + 5):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _GIVEN:
            _GIVEN.append(port)
            return port
    raise RuntimeError(f"no port of {first}-{first + 4} is free")


#: Given lately and perhaps not bound yet.
_GIVEN: deque[int] = deque(maxlen=1)


def node_settings(database: TestDatabase, kafka: KafkaSettings, jwks_url: str, **changes: Any) -> Settings:
    facts: dict[str, Any] = {
        "http": HttpSettings(port=free_port(), internal_port=0),
        "postgres": database.settings("notifier"),
        "kafka": kafka,
        "tokens": TokenSettings(jwks_url=jwks_url),
        "internal": InternalSettings(secret=SecretStr("x" * 32)),
    }
    return Settings(**(facts | changes))


class Node:
    """`async with Node(settings) as node:` serves until left; `url` is its WebSocket."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.service = build(settings)
        self.http = f"http://127.0.0.1:{settings.http.port}"
        self.url = f"ws://127.0.0.1:{settings.http.port}/connection/websocket"

    @property
    def app(self) -> App:
        app: App = self.service.state.notifier
        return app

    async def __aenter__(self) -> Self:
        config = uvicorn.Config(
            self.service,
            host="127.0.0.1",
            port=self.settings.http.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=10,
            **socket_options(self.settings),
        )
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve())
        await wait_until_ready(self.http)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stops as SIGTERM does; a second time changes nothing."""
        self._server.should_exit = True
        await self._task


async def wait_until_ready(http: str) -> None:
    async with asyncio.timeout(40), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(f"{http}/health/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
