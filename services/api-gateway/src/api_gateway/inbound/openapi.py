"""The description of the public API: routes come in, an OpenAPI 3.1 document with scopes and problems goes out."""

import typing
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute

from api_gateway.gate.domain.prices import price_of, priced
from api_gateway.inbound.forwarded_routes import FORWARDED
from api_gateway.inbound.seed import API_VERSION
from api_gateway.inbound.shapes import Problem
from common.web.credentials import ACCESS_COOKIE, CSRF_COOKIE
from common.web.tokens import SCOPES, Requirement

_REF = "#/components/schemas/{model}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
_PROBLEMS = {
    "400": "The request cannot be used as it is",
    "401": "Sign in first",
    "403": "The token lacks the scope",
    "404": "No such thing, or it may not be seen",
    "409": "It does not fit what is there",
    "413": "The body is too large",
    "414": "The address is too long",
    "415": "Send application/json, not compressed",
    "422": "Fields of the request are wrong; see `errors`",
    "429": "Too many requests; see Retry-After",
    "502": "A part behind this one is broken",
    "503": "A part that this needs is away; see Retry-After",
}
_OPEN = ("401", "403")
_ABOUT = (
    "Mirrors Jira Cloud and Data Center, finds issues, exports them as PDF, tells of changes. "
    "Errors are RFC 9457 problems with a stable `code`."
)


def scope_of(route: APIRoute) -> tuple[bool, str | None]:
    """Whether a route wants a signed-in caller, and with which scope."""
    for requirement in _requirements(route):
        return True, requirement.needed_scope
    for forwarded in FORWARDED:
        if forwarded.path == route.path and forwarded.method in (route.methods or ()):
            return forwarded.checked_by_owner or forwarded.scope is not None, forwarded.scope
    return False, None


def public_routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every route that the document describes."""
    for route in _all_routes(app.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            yield route


def _all_routes(routes: Sequence[BaseRoute]) -> Iterator[BaseRoute]:
    """FastAPI keeps an included router whole, so its routes are one level below."""
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is None:
            yield route
        elif router.include_in_schema:
            yield from _all_routes(router.routes)


def install_openapi(app: FastAPI) -> None:
    """Makes the document once, when it is first asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="Jira Export", version=API_VERSION, openapi_version="3.1.0", description=_ABOUT, routes=app.routes
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _add_schema(schemas, Problem)
    made["components"]["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token or an API token. Scopes: "
            + "; ".join(f"`{name}` {about}" for name, about in SCOPES.items()),
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": ACCESS_COOKIE,
            "description": "For browsers, after a sign-in with delivery `cookie`; what changes something sends "
            f"`{CSRF_COOKIE}` back as `X-CSRF-Token`.",
        },
    }
    for route in public_routes(app):
        for method in route.methods or ():
            _complete(made["paths"][route.path_format][method.lower()], route)
    _describe_bodies(made, schemas)
    return made


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    signed_in, scope = scope_of(route)
    operation["security"] = [{"bearer": [scope] if scope else []}, {"cookie": []}] if signed_in else []
    operation["x-access"] = "scope" if scope else "signed-in" if signed_in else "public"
    if scope:
        operation["x-required-scope"] = scope
    operation |= priced(*astuple(price_of(route.openapi_extra)))
    if not route.path.startswith(("/api/", "/.well-known/")):
        return
    responses = operation["responses"]
    for status, about in _PROBLEMS.items():
        if signed_in or status not in _OPEN or route.path.startswith("/api/v1/auth/"):
            responses[status] = {"description": about, "content": _PROBLEM}


def _describe_bodies(made: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Bodies of forwarded routes are read by their owners, so FastAPI does not know them."""
    for route in FORWARDED:
        operation = made["paths"][route.path][route.method.lower()]
        names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
        told = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
        told += [] if route.query is None else _query_parameters(route.query)
        if told:
            operation["parameters"] = told
        if route.body is not None:
            _add_schema(schemas, route.body)
            content = {"application/json": {"schema": {"$ref": _REF.format(model=route.body.__name__)}}}
            operation["requestBody"] = {"required": True, "content": content}


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": part}
        for name, part in schema["properties"].items()
    ]


def _add_schema(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=_REF)
    for name, part in schema.pop("$defs", {}).items():
        schemas.setdefault(name, part)
    schemas.setdefault(model.__name__, schema)


def _requirements(route: APIRoute) -> Iterator[Requirement]:
    yield from (each for each in route.dependencies if isinstance(each, Requirement))
    for hint in typing.get_type_hints(route.endpoint, include_extras=True).values():
        yield from (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Requirement))
