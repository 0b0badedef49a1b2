"""`/exports`: reads; everything else is forwarded to export-worker."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api_gateway.inbound.answers import json_answer
from api_gateway.inbound.dependencies import AppDep, ExportReader, viewer_of
from api_gateway.inbound.issue_queries import PageQuery
from api_gateway.usecases.list_collection import PageRequest
from api_gateway.usecases.list_exports import list_exports, show_export
from common.contracts.http.exports import ExportBody
from common.ids import ExportId, parse_id

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.get("", summary="Exports, newest first", responses={200: {"description": "`{items: […], next_cursor}`"}})
async def get_exports(
    request: Request, caller: ExportReader, app: AppDep, query: Annotated[PageQuery, Query()]
) -> Response:
    wanted = PageRequest(query.limit, query.cursor)
    return json_answer(request, await list_exports(wanted, viewer=viewer_of(caller), app=app))


@router.get("/{export}", summary="One export", responses={200: {"model": ExportBody}})
async def get_export(export: str, request: Request, caller: ExportReader, app: AppDep) -> Response:
    wanted = ExportId(parse_id("exp", export))
    return json_answer(request, await show_export(wanted, viewer=viewer_of(caller), app=app))
