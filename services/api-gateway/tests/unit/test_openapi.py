"""The description of the public API: complete, valid in its references, and with a scope on every route."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI

from api_gateway.inbound.docs import swagger
from api_gateway.inbound.forwarded_routes import FORWARDED
from api_gateway.inbound.openapi import install_openapi, public_routes, scope_of
from api_gateway.inbound.routers import ROUTERS
from api_gateway.outbound.peers import Peer
from common.web.tokens import SCOPES

OPEN = {
    "/",
    "/hello",
    "/hello/json",
    "/.well-known/jwks.json",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/api/v1/auth/invitations/accept",
    "/api/v1/auth/password/forgot",
    "/api/v1/auth/password/reset",
    "/invitation",
    "/reset",
    "/signed-in",
    "/api/v1/auth/providers",
    "/api/v1/auth/oidc/{provider}/start",
    "/api/v1/auth/oidc/callback",
    "/api/v1/auth/oidc/callback/atlassian",
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in ROUTERS:
        made.include_router(router)
    install_openapi(made)
    return made


def test_every_route_says_whether_it_needs_a_caller(app: FastAPI) -> None:
    routes = list(public_routes(app))
    assert len(routes) > 50
    for route in routes:
        signed_in, scope = scope_of(route)
        assert signed_in == (route.path not in OPEN), route.path
        assert scope is None or scope in SCOPES
        if route.path.startswith(("/api/v1/issues", "/api/v1/connections", "/api/v1/exports", "/api/v1/attachments")):
            assert scope is not None, route.path


def test_every_operation_of_the_document_declares_its_access(app: FastAPI) -> None:
    """Walks the document, so that a path that is added later is asked without anybody remembering it."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            access, scope = operation["x-access"], operation.get("x-required-scope")
            assert (access == "scope") == (scope in SCOPES), (method, path)
            assert (access == "public") == (operation["security"] == []) == (path in OPEN), (method, path)


def test_forwarded_routes_say_one_of_scope_signed_in_and_public() -> None:
    """What the owner checks is not known here by itself, so nothing is taken for granted from silence."""
    for route in FORWARDED:
        public = route.path in OPEN
        assert [route.scope is not None, route.signed_in, public].count(True) == 1, (route.method, route.path)
        assert route.checked_by_owner is not public or route.peer is not Peer.AUTH, (route.method, route.path)


def test_the_document_is_whole(app: FastAPI) -> None:
    document: dict[str, Any] = app.openapi()
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    for name in set(re.findall(r"#/components/schemas/([^\"]+)", text)):
        assert name in document["components"]["schemas"], name
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            declared = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path)), (path, method)
            if path.startswith("/api/v1"):
                assert operation["responses"]["503"]["content"]["application/problem+json"]


async def test_pages_allow_only_their_own_scripts() -> None:
    page = await swagger()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'sha256-" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert not re.search(rb"""(src|href)=["']https?://""", page.body)
