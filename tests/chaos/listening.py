"""The project channels of a tenant in; what a client that reconnects and recovers knows of every issue out."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from centrifuge import (
    Client,
    ClientEventHandler,
    DisconnectedContext,
    PublicationContext,
    SubscribedContext,
    SubscriptionEventHandler,
    UnsubscribedContext,
)


@dataclass
class Knowledge:
    """`revisions` is what a client would show; a channel that was not recovered is reloaded as the protocol asks."""

    revisions: dict[str, int] = field(default_factory=dict)
    events: int = 0
    recovered: int = 0
    unrecovered: int = 0
    connects: int = 0
    odd: list[str] = field(default_factory=list)


class _Connection(ClientEventHandler):  # type: ignore[misc]  # the package ships no types
    def __init__(self, known: Knowledge) -> None:
        self._known = known

    async def on_connected(self, _: Any) -> None:
        self._known.connects += 1

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        if ctx.code != 0:
            self._known.odd.append(f"the connection ended for good: {ctx.code} {ctx.reason}")


class _Channel(SubscriptionEventHandler):  # type: ignore[misc]
    def __init__(self, name: str, known: Knowledge, reload: Callable[[str], dict[str, int]]) -> None:
        self._name, self._known, self._reload = name, known, reload
        self._offset = 0
        self._heard: dict[str, int] = {}
        self.subscribed = asyncio.Event()

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        if not ctx.was_recovering or not ctx.recovered:
            self._known.unrecovered += self.subscribed.is_set()
            self._offset = 0
            self._heard.clear()
            for issue, revision in (await asyncio.to_thread(self._reload, self._name)).items():
                self._known.revisions[issue] = max(revision, self._known.revisions.get(issue, 0))
        else:
            self._known.recovered += 1
        self.subscribed.set()

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        if ctx.code != 0:
            self._known.odd.append(f"{self._name} ended for good: {ctx.code} {ctx.reason}")

    async def on_publication(self, ctx: PublicationContext) -> None:
        data, offset = ctx.pub.data["data"], ctx.pub.offset
        if offset < self._offset:
            self._known.odd.append(f"{self._name}: offset {offset} after {self._offset}")
        self._offset = offset
        if "access" in data:
            self._known.odd.append(f"{self._name}: an event shows its access part")
        issue, revision = data["issue_id"], data["revision"]
        if revision < self._heard.get(issue, 0):
            self._known.odd.append(f"{self._name}: {issue} revision {revision} after {self._heard[issue]}")
        self._heard[issue] = revision
        self._known.revisions[issue] = max(revision, self._known.revisions.get(issue, 0))
        self._known.events += 1


class Listener:
    """The stock PyPI client in a thread of its own."""

    def __init__(
        self, url: str, channels: list[str], token: Callable[[], str], reload: Callable[[str], dict[str, int]]
    ) -> None:
        self.known = Knowledge()
        self._url, self._names, self._token, self._reload = url, channels, token, reload
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="listener")

    def start(self) -> None:
        """Returns when all channels are subscribed."""
        self._thread.start()
        assert self._ready.wait(60), f"the listener could not subscribe: {self.known.odd}"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        self._end = asyncio.Event()

        async def token() -> str:
            return await asyncio.to_thread(self._token)

        client = Client(self._url, _Connection(self.known), get_token=token, max_reconnect_delay=2, proxy=None)
        handlers = [_Channel(name, self.known, self._reload) for name in self._names]
        for name, handler in zip(self._names, handlers, strict=True):
            await client.new_subscription(name, handler, max_resubscribe_delay=2).subscribe()
        await client.connect()
        for handler in handlers:
            await handler.subscribed.wait()
        self._ready.set()
        await self._end.wait()
        await client.disconnect()
