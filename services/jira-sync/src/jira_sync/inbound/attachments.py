"""`/internal/v1/attachments`: bytes from Jira for services that have checked who may see them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from common.ids import AttachmentId, ConnectionId, parse_id
from common.web.internal import InternalCaller, InternalCallerDep
from jira_sync.inbound.dependencies import AppDep
from jira_sync.usecases.stream_attachment import stream_attachment

router = APIRouter(prefix="/internal/v1/attachments", tags=["internal"])

Place = tuple[ConnectionId | None, AttachmentId]

_PASSED_BACK = ("content-type", "content-range", "accept-ranges", "etag", "last-modified")


def _place(attachment: str, connection: str | None = None) -> Place:
    """An attachment, and under which connection the asker has seen it."""
    seen = None if connection is None else ConnectionId(parse_id("con", connection))
    return seen, AttachmentId(parse_id("att", attachment))


PlaceDep = Annotated[Place, Depends(_place)]


@router.get("/{attachment}/content", summary="The bytes of an attachment")
async def get_content(place: PlaceDep, request: Request, caller: InternalCallerDep, app: AppDep) -> StreamingResponse:
    return await _streamed(place, request, caller, app, thumbnail=False)


@router.get("/{attachment}/thumbnail", summary="Jira's small picture of an attachment")
async def get_thumbnail(place: PlaceDep, request: Request, caller: InternalCallerDep, app: AppDep) -> StreamingResponse:
    return await _streamed(place, request, caller, app, thumbnail=True)


async def _streamed(
    place: Place, request: Request, caller: InternalCaller, app: AppDep, *, thumbnail: bool
) -> StreamingResponse:
    """Opens Jira's answer before ours begins, so that a failure is still a problem and not a cut body."""
    stack = AsyncExitStack()
    async with stack:
        answer = await stack.enter_async_context(
            stream_attachment(app, caller.tenant, place, request.headers, thumbnail=thumbnail)
        )
        kept = stack.pop_all()
    headers = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    if "content-encoding" not in answer.headers and "content-length" in answer.headers:
        headers["content-length"] = answer.headers["content-length"]

    async def body() -> AsyncIterator[bytes]:
        async with kept:
            async for chunk in answer.aiter_bytes():
                yield chunk

    return StreamingResponse(body(), answer.status_code, headers=headers)
