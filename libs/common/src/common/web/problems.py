"""Errors as RFC 9457 problem+json, in English or Russian; strangers to the error tree become a blank 500."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from common.errors import AppError, ErrorKind, sentence_for
from common.telemetry.context import current

log = structlog.get_logger(__name__)

HTTP_STATUS: dict[ErrorKind, int] = {
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.INVALID: 400,
    ErrorKind.UNPROCESSABLE: 422,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.TOO_MANY: 429,
    ErrorKind.GONE: 410,
    ErrorKind.UPSTREAM_BUSY: 503,
    ErrorKind.UPSTREAM_BROKEN: 502,
    ErrorKind.UNAVAILABLE: 503,
}

_PLAIN: dict[int, tuple[str, str]] = {
    400: ("request.invalid", "The request cannot be used as it is."),
    404: ("request.not_found", "There is no such thing, or you may not see it."),
    405: ("request.method_not_allowed", "This method is not supported here."),
    413: ("request.too_large", "The request body is too large."),
    415: ("request.unsupported_media_type", "Send application/json."),
}


def language_of(accept_language: str | None) -> str:
    """`ru` when the client asks for Russian before English, otherwise `en`."""
    best, chosen = 0.0, "en"
    for part in (accept_language or "")[:200].split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if math.isfinite(quality) and quality > best and name[:2].lower() in ("ru", "en"):
            best, chosen = quality, name[:2].lower()
    return chosen


def problem(
    status: int,
    code: str,
    title: str,
    *,
    language: str = "en",
    detail: str | None = None,
    errors: Sequence[Mapping[str, Any]] | None = None,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem answer."""
    context = current()
    body: dict[str, Any] = {
        "type": f"urn:jira-export:problem:{code}",
        "title": sentence_for(code, title, language),
        "status": status,
        "code": code,
        "request_id": context.request_id if context else None,
    }
    if detail is not None:
        body["detail"] = detail
    if errors is not None:
        body["errors"] = list(errors)
    body |= extra or {}
    return Response(
        orjson.dumps(body, default=str),
        status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", "Content-Language": language, **(headers or {})},
    )


def from_app_error(error: AppError, language: str) -> Response:
    """The answer for an error of ours."""
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    if error.kind is ErrorKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{error.code}"'
    return problem(
        HTTP_STATUS[error.kind],
        error.code,
        error.title(),
        language=language,
        detail=error.detail,
        extra=error.extra,
        headers=headers,
    )


def server_error(language: str = "en") -> Response:
    """The blank 500: what went wrong stands in the log under the request id."""
    return problem(500, "server.error", "Internal error; tell the operator the request_id.", language=language)


def install_problem_handlers(app: FastAPI) -> None:
    """Makes every error of an app a problem answer."""

    @app.exception_handler(AppError)
    async def on_app_error(request: Request, error: AppError) -> Response:
        return from_app_error(error, language_of(request.headers.get("accept-language")))

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> Response:
        return validation_problem(error.errors(), language_of(request.headers.get("accept-language")))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code, title = _PLAIN.get(error.status_code, ("request.invalid", str(error.detail)))
        return problem(
            error.status_code,
            code,
            title,
            language=language_of(request.headers.get("accept-language")),
            headers=dict(error.headers or {}),
        )


def validation_problem(errors: Sequence[Any], language: str) -> Response:
    """422 that names each field; 400 when the body is no JSON at all. The rejected values are not repeated."""
    if any(item["type"] == "json_invalid" for item in errors):
        return problem(400, "request.malformed_json", "The body is not valid JSON.", language=language)
    listed = [{"pointer": _pointer(item["loc"]), "code": item["type"], "detail": item["msg"]} for item in errors[:50]]
    return problem(422, "request.validation", "The request has errors; see errors.", language=language, errors=listed)


def _pointer(place: Sequence[Any]) -> str:
    """`("body", "auth", 0)` → `/auth/0`; query and path parameters keep their kind: `?limit`, `{issue}`."""
    kind, *rest = place or ("",)
    if kind in ("query", "header", "path") and rest:
        signs = {"query": "?{}", "header": "{}:", "path": "{{{}}}"}
        return signs[kind].format(str(rest[0])[:100])
    parts = rest if kind == "body" else [kind, *rest]
    return "".join("/" + str(part)[:100].replace("~", "~0").replace("/", "~1") for part in parts) or "/"
