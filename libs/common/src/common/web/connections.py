"""uvicorn's HTTP/1.1 protocol with bounds on what one connection may cost: slow, endless and doubtful requests end."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from common.ids import new_id, public_id
from common.settings import HttpSettings
from common.web.headers import SECURITY_HEADERS
from common.web.proxies import TrustedProxies, parse_address

_BODY_STEP = 64 * 1024
_REASONS = {
    400: ("Bad Request", "request.malformed", "This is not a request of HTTP/1.1."),
    408: ("Request Timeout", "request.too_slow", "The request did not arrive in time."),
    431: ("Request Header Fields Too Large", "request.headers_too_large", "The headers are too many or too large."),
}


class _Refused(Exception):
    """Stops the parser; the answer stands in `_status`."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Timers run only while something is awaited that did not come in one piece."""

    http: ClassVar[HttpSettings]
    proxies: ClassVar[TrustedProxies]
    open_by_address: ClassVar[Counter[str]]

    _counted: str | None = None
    _status = 400
    _head_bytes = 0
    _headers = 0
    _body_bytes = 0
    _awaits: str | None = "head"
    _reading: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Counts the connection, unless a proxy brings it, which speaks for many."""
        super().connection_made(transport)
        address = parse_address(self.client[0]) if self.client else None
        if address is not None and not self.proxies.trusts(address):
            self._counted = str(address)
            self.open_by_address[self._counted] += 1
            if self.open_by_address[self._counted] > self.http.connections_per_address:
                transport.abort()
                return
        self._await_reading(self.http.head_timeout.total_seconds())

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the timers."""
        self._let_go()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """From here on another protocol rules."""
        self._let_go()
        self._awaits = None
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Bytes that end neither a head nor a body have to be followed by more in time."""
        self._head_bytes += len(data) if self._awaits == "head" else 0
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._awaits is None:
            self._stop_reading_timer()
        elif self._awaits == "head" and self._head_bytes > self.http.max_head:
            self._refuse(431)
        elif self._reading is None:
            timeout = self.http.head_timeout if self._awaits == "head" else self.http.body_timeout
            self._await_reading(timeout.total_seconds())

    def on_message_begin(self) -> None:
        """A new head."""
        super().on_message_begin()
        self._awaits, self._headers = "head", 0

    def on_url(self, url: bytes) -> None:
        """The address counts as part of the head, also when it comes in one piece with it."""
        super().on_url(url)
        if len(self.url) > self.http.max_head:
            self._stop_parser(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Refuses the header that is too many or too large."""
        super().on_header(name, value)
        self._headers += 1
        if self._headers > self.http.max_headers or len(name) + len(value) > self.http.max_head:
            self._stop_parser(431)
        if b"\n" in value or b"\r" in value:
            self._stop_parser(400)

    def on_headers_complete(self) -> None:
        """What two readers could understand differently is refused here rather than passed on."""
        names = [name for name, _ in self.headers]
        size = sum(len(name) + len(value) for name, value in self.headers)
        if size + len(self.url) > self.http.max_head:
            self._stop_parser(431)
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._stop_parser(400)
        if b"transfer-encoding" in names and (b"content-length" in names or names.count(b"transfer-encoding") > 1):
            self._stop_parser(400)
        super().on_headers_complete()
        self._awaits, self._body_bytes, self._head_bytes = "body", 0, 0
        self._stop_reading_timer()

    def on_body(self, body: bytes) -> None:
        """Each step of the body has its own time."""
        super().on_body(body)
        self._body_bytes += len(body)
        if self._body_bytes >= _BODY_STEP:
            self._body_bytes = 0
            self._stop_reading_timer()

    def on_message_complete(self) -> None:
        """Nothing is awaited until the next request begins."""
        super().on_message_complete()
        self._awaits, self._head_bytes = None, 0
        self._stop_reading_timer()

    def on_response_complete(self) -> None:
        """The next request may begin; a connection that closes still has to be read to its end."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_writing()
        elif self._awaits is None:
            self._awaits = "head" if not self.pipeline else None

    def pause_writing(self) -> None:
        """The client does not keep up: it has to take some of what waits for it."""
        super().pause_writing()
        self._await_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self._writing is not None and not self.transport.is_closing():
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> None:
        """uvicorn calls this for whatever stopped the parser."""
        self._refuse(self._status)

    def _stop_parser(self, status: int) -> None:
        self._status = status
        raise _Refused

    def _refuse(self, status: int) -> None:
        """An answer in our own form, unless another one has begun; then the connection just ends."""
        self._let_go()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        self.transport.write(_answer(status))
        self.transport.close()
        self._await_writing()

    def _await_reading(self, seconds: float) -> None:
        self._reading = self.loop.call_later(seconds, self._came_too_late, seconds)

    def _came_too_late(self, seconds: float) -> None:
        """The client is not to blame while we do not read, or while it waits for the answer before."""
        busy = self._awaits == "head" and self.cycle is not None and not self.cycle.response_complete
        if self.transport.is_closing():
            return
        if self.flow.read_paused or busy:
            self._await_reading(seconds)
        elif self._awaits == "body" and self.cycle.response_complete:
            self.transport.close()
        else:
            self._refuse(408)

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _await_writing(self) -> None:
        if self._writing is None and self.transport.get_write_buffer_size():
            self._writing = self.loop.call_later(self.http.read_timeout.total_seconds(), self.transport.abort)

    def _let_go(self) -> None:
        self._stop_reading_timer()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        if self._counted is not None:
            self.open_by_address[self._counted] -= 1
            if self.open_by_address[self._counted] <= 0:
                del self.open_by_address[self._counted]
            self._counted = None


def guarded_protocol(http: HttpSettings, proxies: TrustedProxies) -> Callable[..., Any]:
    """The protocol class that uvicorn is given."""
    bounds = {"http": http, "proxies": proxies, "open_by_address": Counter[str]()}
    return type("BoundedProtocol", (GuardedProtocol,), bounds)


def _answer(status: int) -> bytes:
    phrase, code, title = _REASONS[status]
    body = orjson.dumps(
        {
            "type": f"urn:jira-export:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
            "request_id": (request_id := public_id("req", new_id())),
        }
    )
    headers = {
        **SECURITY_HEADERS,
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        "X-Request-Id": request_id,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode() + body
