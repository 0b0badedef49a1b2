"""`/connections`: reads; writes are forwarded to jira-sync."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api_gateway.inbound.answers import json_answer
from api_gateway.inbound.dependencies import AppDep, ConnectionReader, manages_connections, viewer_of
from api_gateway.inbound.issue_queries import PageQuery
from api_gateway.usecases.list_collection import PageRequest
from api_gateway.usecases.list_connections import (
    Looker,
    SiteList,
    list_connections,
    list_site,
    show_connection,
    show_sync_state,
)
from common.contracts.http.connections import ConnectionBody, SyncStateBody
from common.ids import ConnectionId, parse_id
from common.web.tokens import Caller

router = APIRouter(prefix="/api/v1/connections", tags=["connections"])

_LIST: dict[int | str, dict[str, Any]] = {200: {"description": "`{items: […], next_cursor}`"}}


def _looker(caller: Caller) -> Looker:
    return Looker(viewer_of(caller), manages=manages_connections(caller))


def _connection(text: str) -> ConnectionId:
    return ConnectionId(parse_id("con", text))


@router.get("", summary="The connections that you see something of", responses=_LIST)
async def get_connections(request: Request, caller: ConnectionReader, app: AppDep) -> Response:
    return json_answer(request, await list_connections(_looker(caller), app=app))


@router.get("/{connection}", summary="One connection", responses={200: {"model": ConnectionBody}})
async def get_connection(connection: str, request: Request, caller: ConnectionReader, app: AppDep) -> Response:
    return json_answer(request, await show_connection(_connection(connection), _looker(caller), app=app))


@router.get("/{connection}/sync", summary="How far its mirror is", responses={200: {"model": SyncStateBody}})
async def get_sync_state(connection: str, request: Request, caller: ConnectionReader, app: AppDep) -> Response:
    return json_answer(request, await show_sync_state(_connection(connection), _looker(caller), app=app))


def _door(kind: SiteList) -> Callable[..., Awaitable[Response]]:
    async def get_site_list(
        connection: str,
        request: Request,
        caller: ConnectionReader,
        app: AppDep,
        query: Annotated[PageQuery, Query()],
    ) -> Response:
        wanted = PageRequest(query.limit, query.cursor)
        answer = await list_site(kind, _connection(connection), wanted, _looker(caller), app=app)
        return json_answer(request, answer.body, as_of=answer.as_of)

    return get_site_list


for _kind in SiteList:
    _name = _kind.value.replace("-", "_")
    router.add_api_route(
        f"/{{connection}}/{_kind.value}",
        _door(_kind),
        name=f"get_{_name}",
        operation_id=f"get_connection_{_name}",
        summary=f"The {_kind.value.replace('-', ' ')} of its site",
        responses=_LIST,
    )
