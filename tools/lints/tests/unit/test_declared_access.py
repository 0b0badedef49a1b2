"""What the gateway declares of forwarded routes is what their owners ask: neither side can change alone."""

import typing
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from api_gateway.inbound.forwarded_routes import FORWARDED
from api_gateway.outbound.peers import Peer
from auth.inbound.routers import ROUTERS as AUTH
from common.web.tokens import Requirement


def _requirement(route: APIRoute) -> Requirement | None:
    marks = [each for each in route.dependencies if isinstance(each, Requirement)]
    for hint in typing.get_type_hints(route.endpoint, include_extras=True).values():
        marks += [each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Requirement)]
    return marks[0] if marks else None


def _asked() -> Iterator[tuple[str, str, str]]:
    for router in AUTH:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path.startswith("/api/"):
                found = _requirement(route)
                access = "public" if found is None else found.needed_scope or "signed-in"
                yield from ((method, route.path, access) for method in route.methods)


DECLARED = {
    (route.method, route.path): "public" if not route.checked_by_owner else route.scope or "signed-in"
    for route in FORWARDED
    if route.peer is Peer.AUTH
}


@pytest.mark.parametrize(("method", "path", "access"), list(_asked()))
def test_the_gateway_declares_what_auth_asks(method: str, path: str, access: str) -> None:
    assert DECLARED.get((method, path), "not forwarded") == access
