"""`/attachments`: the bytes of files, after the viewer's access is checked."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api_gateway.gate.domain.prices import Lane, priced
from api_gateway.inbound.answers import file_answer
from api_gateway.inbound.dependencies import AppDep, IssueReader, viewer_of
from api_gateway.usecases.open_attachment import open_attachment
from common.ids import AttachmentId, parse_id

router = APIRouter(prefix="/api/v1/attachments", tags=["issues"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", "content": {"*/*": {}}},
    206: {"description": "The part that Range asked for", "content": {"*/*": {}}},
    304: {"description": "The client has it"},
    416: {"description": "No such part"},
}


@router.get(
    "/{attachment}/content",
    summary="The bytes of an attachment",
    responses=_FILE,
    response_class=Response,
    openapi_extra=priced(cost=2, lane=Lane.STREAM),
)
async def get_content(attachment: str, request: Request, caller: IssueReader, app: AppDep) -> Response:
    wanted = AttachmentId(parse_id("att", attachment))
    return file_answer(await open_attachment(wanted, "content", request.headers, viewer=viewer_of(caller), app=app))


@router.get(
    "/{attachment}/thumbnail",
    summary="A small picture of an attachment",
    responses=_FILE,
    response_class=Response,
    openapi_extra=priced(lane=Lane.STREAM),
)
async def get_thumbnail(attachment: str, request: Request, caller: IssueReader, app: AppDep) -> Response:
    wanted = AttachmentId(parse_id("att", attachment))
    return file_answer(await open_attachment(wanted, "thumbnail", request.headers, viewer=viewer_of(caller), app=app))
