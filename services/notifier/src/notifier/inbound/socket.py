"""The WebSocket door: an upgrade is let in or refused; then frames become commands, and lines become frames."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import structlog
from fastapi import APIRouter
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from common.ids import public_id
from common.web.credentials import socket_token_of
from common.web.tokens import TokenVerifier
from notifier import metrics
from notifier.app import App
from notifier.domain import codes
from notifier.domain.client import Client
from notifier.domain.codes import Ending
from notifier.domain.commands import MalformedFrame, parse_frame
from notifier.domain.origins import is_allowed_origin
from notifier.domain.send_queue import SendQueue
from notifier.domain.session import Session
from notifier.inbound.transport import EXTENSION
from notifier.usecases.act_now import carry_out_now, leave
from notifier.usecases.carry_out import carry_out

log = structlog.get_logger(__name__)

router = APIRouter()

#: No further command is taken from a client that is owed more than this.
_MUCH_OWED = 64 * 1024


@router.websocket("/connection/websocket")
async def connection(websocket: WebSocket) -> None:
    """One client from its upgrade to its end."""
    app: App = websocket.app.state.notifier
    tenants = await _tenants_of_page(websocket, app)
    refusal = ("origin", 403) if tenants is not None and not tenants else _refusal(app)
    if refusal is not None:
        reason, status = refusal
        metrics.REFUSED.labels(reason).inc()
        headers = {"Retry-After": "2"} if status == 503 else {}
        await websocket.send_denial_response(Response(status_code=status, headers=headers))
        return
    await websocket.accept()
    await SocketDoor(websocket, app, websocket.app.state.verifier, tenants).serve()


async def _tenants_of_page(websocket: WebSocket, app: App) -> frozenset[str] | None:
    """For which tenants a page may open sockets: all (None), those that named its origin, or no tenant."""
    headers, origins = websocket.headers, websocket.headers.getlist("origin")
    origin = origins[0] if origins else None
    if len(origins) < 2 and is_allowed_origin(origin, headers.get("host"), app.settings.allowed_origins):
        return None
    found = await app.origins.tenants_of(origin) if origin is not None and len(origins) == 1 else ()
    return frozenset(public_id("ten", tenant) for tenant in found)


def _refusal(app: App) -> tuple[str, int] | None:
    if not app.is_warm:
        return "warming", 503
    if len(app.connections) >= app.settings.max_connections:
        return "full", 503
    return None if app.pace.admits(app.clock()) else ("rate", 503)


class SocketDoor:
    """A reader and a writer around one session; what others tell the client only goes through its queue."""

    def __init__(self, websocket: WebSocket, app: App, verifier: TokenVerifier, tenants: frozenset[str] | None) -> None:
        self._websocket = websocket
        self._app = app
        self._verifier = verifier
        self._work = asyncio.Event()
        self._written = asyncio.Event()
        self._lost = False
        self._hang_up: Callable[[int, str], None] | None = websocket.scope.get("extensions", {}).get(EXTENSION)
        self._client = Client(
            Session(str(uuid4()), app.rules, header_token=socket_token_of(websocket)),
            SendQueue(app.settings.queue_max_bytes, app.settings.queue_max_age.total_seconds()),
            clock=app.clock,
            wake=self._work.set,
            cut=self._cut,
            tenants=tenants,
        )

    async def serve(self) -> None:
        """Until the client goes or is sent away."""
        client, app = self._client, self._app
        app.connections.add(client)
        metrics.CONNECTIONS.inc()
        writer = asyncio.create_task(self._write())
        try:
            carry_out_now(client.session.opened(), client, app)
            await self._read()
        finally:
            client.session.closed = True
            app.connections.remove(client)
            metrics.CONNECTIONS.dec()
            if client.ending is not None:
                metrics.CLOSED.labels(str(client.ending.code)).inc()
            for channel, target in client.session.channels.items():
                leave(client, channel, target, app)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if self._client.ending is None:
                await self._take(message.get("text"))

    async def _take(self, text: str | None) -> None:
        """Binary frames carry another protocol, so they are malformed here."""
        try:
            for command in parse_frame("binary" if text is None else text):
                await self._room()
                await carry_out(self._client.session.on_command(command), self._client, self._verifier, self._app)
                if self._client.ending is not None:
                    return
        except MalformedFrame:
            self._client.end(codes.MALFORMED)
        except Exception:
            log.exception("command_failed")
            self._client.end(codes.SERVER_ERROR)

    async def _room(self) -> None:
        """Waits until the client has read most of its answers, so that commands cannot pile them up."""
        while self._client.queue.owed > _MUCH_OWED and self._client.ending is None and not self._lost:
            self._written.clear()
            await self._written.wait()

    async def _write(self) -> None:
        client, queue = self._client, self._client.queue
        with suppress(WebSocketDisconnect, RuntimeError, OSError):
            while True:
                await self._work.wait()
                self._work.clear()
                self._written.set()
                while queue:
                    await self._websocket.send_text(queue.take())
                    queue.written()
                    self._written.set()
                if client.ending is not None:
                    await self._close(client.ending)
                    return
        self._lost = True
        self._written.set()

    async def _close(self, ending: Ending) -> None:
        if self._hang_up is None:
            await self._websocket.close(ending.code, ending.reason)
        else:
            self._hang_up(ending.code, ending.reason)

    def _cut(self, ending: Ending) -> None:
        """Past the writer; only our own transport can do that, on others the writer closes when it is free."""
        self._written.set()
        if self._hang_up is not None:
            self._hang_up(ending.code, ending.reason)
