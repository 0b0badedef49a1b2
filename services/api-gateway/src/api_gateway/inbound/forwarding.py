"""Passes requests on to the services that own the data, and their answers back, as streams."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from api_gateway.gate.domain.prices import Lane, priced
from api_gateway.inbound.dependencies import AppDep
from api_gateway.inbound.forwarded.route import ForwardedRoute
from api_gateway.inbound.forwarded_routes import FORWARDED
from api_gateway.outbound.peers import Peer, PeerRequest, passed_on
from common.errors import NotFound
from common.web.tokens import Caller, requires

_TAGS = {Peer.AUTH: "auth", Peer.JIRA_SYNC: "connections", Peer.EXPORT_WORKER: "exports"}


async def forward(request: Request, peer: Peer, app: AppDep) -> Response:
    """The address goes on as it came; one with dot segments could name another path there, so it is nobody's."""
    if any(segment in (".", "..") for segment in request.scope["path"].split("/")):
        raise NotFound
    headers = passed_on(request.headers, peer)
    _as_verified(request, peer, headers)
    headers["x-forwarded-for"] = request.client.host if request.client else "unknown"
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    asked = PeerRequest(request.method, path, headers, request.stream() if has_body else None)
    answer = await app.peers.send(peer, asked)
    passed = StreamingResponse(answer.chunks(), answer.status, headers=dict(answer.headers))
    for cookie in answer.cookies:
        passed.headers.append("set-cookie", cookie)
    return passed


def _as_verified(request: Request, peer: Peer, headers: dict[str, str]) -> None:
    """Owners see the access token that was verified here, whether it came so, as a cookie or for an API token.

    Auth alone is given what came, because it asks its own tables.
    """
    caller = getattr(request.state, "caller", None)
    if peer is not Peer.AUTH and isinstance(caller, Caller):
        headers["authorization"] = f"Bearer {caller.token}"


def _door(route: ForwardedRoute) -> Callable[..., Awaitable[Response]]:
    async def forwarded(request: Request, app: AppDep) -> Response:
        return await forward(request, route.peer, app)

    return forwarded


def _responses(route: ForwardedRoute) -> dict[int | str, dict[str, Any]]:
    also: dict[int | str, dict[str, Any]] = {status: {"description": about} for status, about in route.also.items()}
    if route.answer is not None:
        return {route.status: {"model": route.answer}, **also}
    if route.media_type is not None:
        return {route.status: {"description": "The file", "content": {route.media_type: {}}}, **also}
    return {route.status: {"description": "Done" if route.status == 204 else "JSON"}, **also}


def _name(route: ForwardedRoute) -> str:
    words = route.path.removeprefix("/api/v1/").replace("{", "").replace("}", "").replace(".", "_")
    return f"{route.method.lower()}_{words.strip('/').replace('/', '_').replace('-', '_')}"


router = APIRouter()
for _route in FORWARDED:
    router.add_api_route(
        _route.path,
        _door(_route),
        methods=[_route.method],
        name=_name(_route),
        operation_id=_name(_route),
        summary=_route.summary,
        tags=[_TAGS[_route.peer]],
        status_code=_route.status,
        responses=_responses(_route),
        response_class=Response if _route.media_type else JSONResponse,
        openapi_extra=priced(_route.cost, Lane.STREAM if _route.media_type else Lane.FORWARDED),
        dependencies=[requires(_route.scope)] if _route.scope and not _route.checked_by_owner else [],
    )
