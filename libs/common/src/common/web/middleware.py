"""What happens to every request: ids, log line and metrics, limits, security headers, compression."""

import gzip
import time
from collections.abc import Callable
from typing import Any

import brotli
import structlog
import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.telemetry.context import working
from common.telemetry.metrics import HTTP_REQUESTS, HTTP_SECONDS
from common.web.headers import add_security_headers
from common.web.problems import language_of, problem, server_error

log = structlog.get_logger("access")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Stands in logs and metrics for a client that went away while it still sent its request.
_GONE = 499
_QUIET = ("/health", "/metrics")


class RequestMiddleware:
    """Opens the unit of work, answers a blank 500 for a bug, counts and logs one line."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        client = scope.get("client")
        with working(
            request_id=headers.get("x-request-id"),
            traceparent=headers.get("traceparent"),
            address=client[0] if client else None,
        ) as context:
            status = 0

            async def sending(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    out = MutableHeaders(scope=message)
                    out["X-Request-Id"] = context.request_id
                    add_security_headers(out, scope)
                await send(message)

            started = time.perf_counter()
            try:
                await self._app(scope, receive, sending)
            except ClientDisconnect:
                status = status or _GONE  # nobody is there to hear of it, and nothing of ours is wrong
            except Exception:
                log.exception("request_failed", method=scope["method"], route=_route(scope))
                if status:
                    raise
                status = 500
                await server_error(language_of(headers.get("accept-language")))(scope, receive, sending)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        HTTP_REQUESTS.labels(self._service, route, method, str(status)).inc()
        HTTP_SECONDS.labels(self._service, route, method).observe(seconds)
        if not route.startswith(_QUIET):
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", None) or "unmatched")


class LimitsMiddleware:
    """Refuses bodies above the limit, compressed or in parts, and addresses that are endless or hold NUL bytes."""

    def __init__(self, app: ASGIApp, max_body: int, max_address: int = 32_768) -> None:
        self._app = app
        self._max_body = max_body
        self._max_address = max_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        taken = 0
        answered = False

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_body:
                raise _BodyTooLarge
            return message

        async def sending(message: Message) -> None:
            """FastAPI answers 400 for whatever stops it while it reads a body: the reason is put in its place."""
            nonlocal answered
            if taken <= self._max_body:
                await send(message)
            elif not answered:
                answered = True
                await _too_large(scope, self._max_body)(scope, receive, send)

        try:
            await self._app(scope, receiving, sending)
        except _BodyTooLarge:
            if not answered:
                await _too_large(scope, self._max_body)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        language = language_of(Headers(scope=scope).get("accept-language"))
        query: bytes = scope["query_string"]
        if len(query) + len(scope.get("raw_path") or b"") > self._max_address:
            return problem(
                414, "request.address_too_long", "The address is too long; use the POST form.", language=language
            )
        if b"%00" in query or b"\x00" in query or "\x00" in scope["path"]:
            return problem(
                400,
                "request.invalid",
                "The request cannot be used as it is.",
                language=language,
                detail="The address holds a NUL character.",
            )
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return _unsupported(language, "Send the body as it is, not compressed.", {"Accept-Encoding": "identity"})
        if headers.get("content-type", "").lstrip().lower().startswith("multipart/"):
            return _unsupported(language, "No route takes a body in parts.", {})
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._max_body:
            return _too_large(scope, self._max_body)
        return None


class _BodyTooLarge(Exception):
    pass


def _too_large(scope: Scope, limit: int) -> Response:
    return problem(
        413,
        "request.too_large",
        "The request body is too large.",
        language=language_of(Headers(scope=scope).get("accept-language")),
        detail=f"At most {limit} bytes are accepted.",
        headers={"Connection": "close"},
    )


def _unsupported(language: str, detail: str, headers: dict[str, str]) -> Response:
    code, title = "request.unsupported_media_type", "Send application/json."
    return problem(415, code, title, language=language, detail=detail, headers={**headers, "Connection": "close"})


_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, compresslevel=5, mtime=0),
}
_COMPRESSIBLE = ("application/json", "application/problem+json", "text/", "application/javascript", "image/svg+xml")


class CompressionMiddleware:
    """Compresses whole answers above 1 KB by Accept-Encoding; streams pass as they are."""

    def __init__(self, app: ASGIApp, minimum: int = 1024) -> None:
        self._app = app
        self._minimum = minimum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = _chosen(Headers(scope=scope).get("accept-encoding", "")) if scope["type"] == "http" else None
        if encoding is None:
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                first, start = start, None
                message = self._compressed(first, message, encoding)
                await send(first)
            await send(message)

        await self._app(scope, receive, sending)

    def _compressed(self, start: Message, message: Message, encoding: str) -> Message:
        headers = MutableHeaders(scope=start)
        if not headers.get("content-type", "").startswith(_COMPRESSIBLE):
            return message
        headers.add_vary_header("Accept-Encoding")
        body: bytes = message.get("body", b"")
        if message.get("more_body") or len(body) < self._minimum or "content-encoding" in headers:
            return message
        small = _COMPRESSORS[encoding](body)
        headers["Content-Encoding"] = encoding
        headers["Content-Length"] = str(len(small))
        etag = headers.get("etag")
        if etag is not None and not etag.startswith("W/"):
            headers["ETag"] = f"W/{etag}"
        return {**message, "body": small}


def _chosen(accepted: str) -> str | None:
    names: dict[str, Any] = {}
    for part in accepted[:200].split(","):
        name, _, quality = part.strip().lower().partition(";q=")
        names[name] = quality
    return next((name for name in _COMPRESSORS if name in names and names[name] not in ("0", "0.0")), None)
