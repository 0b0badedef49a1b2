"""Looks at the gateway's answers: downloads and refusals become entries of the audit log."""

import time
from typing import Any

import orjson
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api_gateway.app import App
from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.domain.watching import REFUSALS, denial_of, download_of
from api_gateway.gate.inbound.callers import TENANT
from common.errors import AppError
from common.ids import PLATFORM, TenantId, public_id
from common.telemetry.context import current
from common.web.audit import actor_kind
from common.web.credentials import ACCESS_COOKIE, credentials_of
from common.web.tokens import Caller, Operator

_LARGEST_PROBLEM = 16_384
_PART, _UNKNOWN, _TOO_MANY = 206, 401, 429


class AuditMiddleware:
    """Stands inside of the compression, so that problems can be read, and outside of whatever refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        refusal = b""

        async def sending(message: Message) -> None:
            nonlocal status, refusal
            if message["type"] == "http.response.start":
                status = message["status"]
            elif status in REFUSALS and len(refusal) < _LARGEST_PROBLEM:
                refusal += message.get("body", b"")
            await send(message)

        await self._app(scope, receive, sending)
        if status in REFUSALS:
            await _note_refusal(scope, status, refusal)
        else:
            await _note_download(scope, status)


async def _note_download(scope: Scope, status: int) -> None:
    route = _route(scope)
    found = download_of(scope["method"], route, status)
    who = await _who(scope) if found is not None else None
    if found is None or not isinstance(who, Caller):
        return
    app: App = scope["app"].state.app
    target = str(scope["path_params"][found.parameter])[:200]
    if status == _PART and not app.own_entries.first_of_minute((who.session, route, target), time.monotonic()):
        return
    app.own_entries.add(
        who.tenant,
        _entry(app, found.action, who, target_kind=found.kind, target_id=target, details=dict(found.details)),
    )


async def _note_refusal(scope: Scope, status: int, body: bytes) -> None:
    """The first of a minute for each caller, route and reason: a flood of refusals must not flood the log."""
    given = HTTPConnection(scope)
    with_credentials = "authorization" in given.headers or ACCESS_COOKIE in given.cookies
    reason = denial_of(status, _code(body), with_credentials=with_credentials)
    if reason is None:
        return
    who = await _who(scope, status) if status != _UNKNOWN else None
    app: App = scope["app"].state.app
    context = current()
    address = context.address if context else None
    key = ("denied", who.session if who else address, _route(scope), reason)
    if app.own_entries.first_of_minute(key, time.monotonic()):
        details = {"method": scope["method"][:10], "route": _route(scope)[:150], "status": str(status)}
        tenant: TenantId = who.tenant if isinstance(who, Caller) else PLATFORM
        entry = _entry(app, "access.denied", who, outcome="denied", reason=reason, details=details)
        if who is not None or app.own_entries.room_for_a_stranger(time.monotonic()):
            app.own_entries.add(tenant, entry)
        else:
            app.own_entries.lose(tenant)


def _entry(app: App, action: str, who: Caller | Operator | None, **more: Any) -> Entry:
    context = current()
    return Entry(
        at=app.clock(),
        action=action,
        actor_kind="nobody" if who is None else actor_kind(who),
        actor_id=None if who is None else public_id("usr", who.user),
        session_id=None if who is None else public_id("ses", who.session),
        address=context.address if context else None,
        request_id=context.request_id if context else None,
        **more,
    )


async def _who(scope: Scope, status: int = 200) -> Caller | Operator | None:
    """Who called. The verifier remembers whom the door, or the gate before it, has verified a moment ago.

    What the gate refused without a member proved nothing there; asking again would cost auth a question each time.
    """
    if status == _TOO_MANY and TENANT not in scope.get("state", {}):
        return None
    try:
        token = credentials_of(HTTPConnection(scope)).token
        found: Caller | Operator = await scope["app"].state.verifier.verify(token)
    except AppError:
        return None
    return found


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", None) or "unmatched")


def _code(body: bytes) -> str | None:
    try:
        code = orjson.loads(body)["code"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None
