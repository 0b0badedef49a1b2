"""A client that speaks JSON lines by hand, for what a well-behaved SDK never does."""

import asyncio
import json
from collections import deque
from typing import Any, Self

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


class Raw:
    """`async with Raw(url) as raw:`; `say` sends a command, `hear` waits for the next reply or push but pings."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        self._options = {"max_size": None, "compression": None, "proxy": None} | options
        self._number = 0
        self._lines: deque[dict[str, Any]] = deque()

    async def __aenter__(self) -> Self:
        self.socket = await connect(self._url, **self._options)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def say(self, **command: Any) -> int:
        self._number += 1
        await self.socket.send(json.dumps({"id": self._number, **command}))
        return self._number

    async def ask(self, **command: Any) -> dict[str, Any]:
        """The reply to a command; pushes that come before it are kept for `hear`."""
        number = await self.say(**command)
        kept = []
        while (line := await self.hear()).get("id") != number:
            kept.append(line)
        self._lines.extendleft(reversed(kept))
        return line

    async def hear(self, within: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(within):
            while True:
                while not self._lines:
                    self._lines.extend(json.loads(line) for line in (await self.socket.recv()).split("\n"))
                if (line := self._lines.popleft()) != {}:
                    return line
                await self.socket.send("{}")

    async def hear_publication(self, within: float = 10) -> dict[str, Any]:
        publication: dict[str, Any] = (await self.hear(within))["push"]["pub"]
        return publication

    async def close_code(self, within: float = 15) -> int | None:
        """Waits for the end and says how it came."""
        async with asyncio.timeout(within):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed:
                return self.socket.close_code

    async def connect(self, token: str) -> dict[str, Any]:
        body: dict[str, Any] = (await self.ask(connect={"token": token}))["connect"]
        return body

    async def subscribe(self, channel: str, **how: Any) -> dict[str, Any]:
        return await self.ask(subscribe={"channel": channel, **how})
