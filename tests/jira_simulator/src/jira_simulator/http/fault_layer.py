"""Stands before an application: delays, replaces, cuts or breaks answers as the fault plan says, and counts them."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jira_simulator.faults.plan import FaultRule
from jira_simulator.http.service import Service

_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>Request blocked.</p></body></html>"


@dataclass(slots=True)
class _Answer:
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    def set_header(self, name: str, value: str) -> None:
        wanted = name.lower().encode()
        self.headers = [(n, v) for n, v in self.headers if n.lower() != wanted] + [(name.encode(), value.encode())]


class FaultLayer:
    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sim"):
            await self._app(scope, receive, send)
            return
        rule = self._service.faults.next_fault(scope["method"], scope["path"])
        wait = self._service.latency_ms + self._service.faults.latency_ms + (rule.latency_ms if rule else 0)
        if wait:
            await asyncio.sleep(wait / 1000)
        if rule is not None and rule.reset and not rule.truncate:
            self._count(scope, 0)
            _break(receive)
            return
        answer = await self._answer(scope, receive, rule)
        self._count(scope, answer.status)
        await _give(answer, rule, receive, send)

    def _count(self, scope: Scope, status: int) -> None:
        """A broken connection counts as status 0."""
        pattern = scope.get("sim.pattern") or scope["path"]
        self._service.stats.requests[scope["method"], pattern, status] += 1

    async def _answer(self, scope: Scope, receive: Receive, rule: FaultRule | None) -> _Answer:
        if rule is not None and (rule.status is not None or rule.body is not None):
            answer = _invented(rule, cloud=self._service.site.cloud)
        else:
            answer = _Answer()

            async def keep(message: Message) -> None:
                if message["type"] == "http.response.start":
                    answer.status = message["status"]
                    answer.headers = list(message.get("headers", []))
                elif message["type"] == "http.response.body":
                    answer.body += message.get("body", b"")

            await self._app(scope, receive, keep)
        for name, value in rule.headers.items() if rule else ():
            answer.set_header(name, value)
        return answer


def _invented(rule: FaultRule, *, cloud: bool) -> _Answer:
    """Without a body of its own a 429 looks like Jira's, any other error like a page of a proxy."""
    status = rule.status or 200
    answer = _Answer(status)
    content: Any = rule.body
    if content is None and status == 429:
        answer.set_header("Retry-After", "1")
        if cloud:
            answer.set_header("RateLimit-Reason", "jira-burst-based")
        content = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
    if content is None:
        content = _HTML.format(f"{status} Error") if status >= 400 else ""
    if isinstance(content, str):
        answer.body = content.encode()
        answer.set_header("Content-Type", "text/html; charset=utf-8")
    else:
        answer.body = orjson.dumps(content)
        answer.set_header("Content-Type", "application/json;charset=UTF-8")
    return answer


async def _give(answer: _Answer, rule: FaultRule | None, receive: Receive, send: Send) -> None:
    """A cut answer claims its cut length, unless the connection is to break as well."""
    body = answer.body
    breaks = False
    if rule is not None and rule.truncate:
        body = body[: len(body) // 2 if rule.truncate is True else rule.truncate]
        breaks = rule.reset
    claimed = len(answer.body) if breaks else len(body)
    if answer.status not in {204, 304}:
        answer.set_header("Content-Length", str(claimed))
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body, "more_body": breaks})
    if breaks:
        _break(receive)


def _break(receive: Receive) -> None:
    """Resets the TCP connection: uvicorn hands the transport along with the receiver."""
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("The fault plan resets this connection.")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
