"""Takes a WebSocket address and an issue's channel; gives the event that follows an edit made in Jira."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from centrifuge import (
    Client,
    ClientEventHandler,
    DisconnectedContext,
    ErrorContext,
    PublicationContext,
    SubscribedContext,
    SubscriptionErrorContext,
    SubscriptionEventHandler,
    UnsubscribedContext,
)

from stack.errors import StackError


@dataclass(frozen=True)
class Heard:
    event: dict[str, Any]
    seconds: float


@dataclass
class _Ear:
    subscribed: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    heard: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def refuse(self, reason: str) -> None:
        for future in (self.subscribed, self.heard):
            if not future.done():
                future.set_exception(StackError(reason))
                # One of the two is awaited; the other must not be reported as forgotten.
                future.exception()


class _Connection(ClientEventHandler):  # type: ignore[misc]  # the package ships no types
    def __init__(self, ear: _Ear) -> None:
        self._ear = ear

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        self._ear.refuse(f"the WebSocket was closed: {ctx.code} {ctx.reason}")

    async def on_error(self, ctx: ErrorContext) -> None:
        self._ear.refuse(f"the WebSocket failed: {ctx.error}")


class _Subscription(SubscriptionEventHandler):  # type: ignore[misc]
    def __init__(self, ear: _Ear) -> None:
        self._ear = ear

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        if not self._ear.subscribed.done():
            self._ear.subscribed.set_result(None)

    async def on_publication(self, ctx: PublicationContext) -> None:
        if not self._ear.heard.done():
            self._ear.heard.set_result(ctx.pub.data)

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        self._ear.refuse(f"unsubscribed: {ctx.code} {ctx.reason}")

    async def on_error(self, ctx: SubscriptionErrorContext) -> None:
        self._ear.refuse(f"the subscription was refused: {ctx.error}")


async def hear_edit(url: str, token: str, channel: str, edit: Callable[[], Awaitable[None]], seconds: float) -> Heard:
    """Subscribes first, then lets the edit be made, and measures from there to the event."""
    ear = _Ear()
    client = Client(url, events=_Connection(ear), token=token, proxy=None)
    subscription = client.new_subscription(channel, events=_Subscription(ear))
    try:
        await client.connect()
        await subscription.subscribe()
        await asyncio.wait_for(ear.subscribed, 15)
        start = time.monotonic()
        await edit()
        event = await asyncio.wait_for(ear.heard, seconds)
        return Heard(event, time.monotonic() - start)
    except TimeoutError:
        message = f"no event on {channel} within {seconds:.0f} s"
        raise StackError(message) from None
    finally:
        await client.disconnect()
