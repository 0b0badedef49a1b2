"""uvicorn's WebSocket protocol with two more doors: closing past a stuck writer, and a shutdown that sends away."""

import random
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from notifier.domain.codes import SHUTDOWN

#: The key in a scope's extensions under which the door finds `hang_up`.
EXTENSION = "notifier.hang_up"

#: How long a client may take to read what is left and to answer the close frame.
_CLOSE_SECONDS = 5.0


class SocketProtocol(WebSocketsSansIOProtocol):
    """ASGI's own close waits until the client has read everything, which a stuck one never does."""

    drain_seconds = 5.0

    def handle_connect(self, event: Request) -> None:
        """Adds the door before the application runs."""
        super().handle_connect(event)
        if self.handshake_initiated and self.response.status_code == 101:
            extensions: dict[Any, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self.hang_up

    async def send(self, message: Any) -> None:
        """uvicorn takes an upgrade that was refused with a status for one that nobody answered, and logs an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def hang_up(self, code: int, reason: str) -> None:
        """Sends a close frame at once, whatever is still in the buffer, and cuts the line when nothing comes back."""
        if self.transport.is_closing() or self.close_sent or self.disconnected:
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)

    def shutdown(self) -> None:
        """A stopping node spreads its clients over some seconds; their SDKs come back to another node."""
        if self.handshake_complete and not self.close_sent:
            delay = random.random() * self.drain_seconds  # noqa: S311
            self.loop.call_later(delay, self.hang_up, SHUTDOWN.code, SHUTDOWN.reason)
            return
        super().shutdown()


def socket_protocol(drain_seconds: float) -> type[SocketProtocol]:
    """The protocol class that uvicorn is given, with the time over which a stopping node sends clients away."""
    return type("DrainingSocketProtocol", (SocketProtocol,), {"drain_seconds": drain_seconds})
