"""Every route says who may use it, and only those that sign people in are open."""

from fastapi.routing import APIRoute

from auth.inbound.routers import ROUTERS
from common.web.tokens import Requirement

OPEN = {
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/logout"),
    ("GET", "/api/v1/auth/providers"),
    ("GET", "/api/v1/auth/oidc/{provider}/start"),
    ("GET", "/api/v1/auth/oidc/callback"),
    ("GET", "/api/v1/auth/oidc/callback/atlassian"),
    ("POST", "/api/v1/auth/invitations/accept"),
    ("POST", "/api/v1/auth/password/forgot"),
    ("POST", "/api/v1/auth/password/reset"),
    ("POST", "/internal/v1/token-exchange"),  # services among themselves, by a token of their own
    ("GET", "/invitation"),
    ("POST", "/invitation"),
    ("GET", "/reset"),
    ("POST", "/reset"),
    ("GET", "/signed-in"),
}


def _routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def _requirement(route: APIRoute) -> Requirement | None:
    for hint in route.endpoint.__annotations__.values():
        for mark in getattr(hint, "__metadata__", ()):
            if isinstance(mark, Requirement):
                return mark
    return None


def test_every_route_but_the_open_ones_needs_a_caller():
    without = {(min(route.methods), route.path) for route in _routes() if _requirement(route) is None}
    assert without == OPEN


def test_members_and_tenants_need_their_scopes():
    needed = {route.path.split("/")[3]: _requirement(route) for route in _routes() if route.path.startswith("/api/v1/")}
    assert needed["users"].needed_scope == "users:admin"
    assert needed["tenants"].needed_scope == "tenants:admin"
