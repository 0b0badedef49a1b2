"""`/internal/v1/attachments`: bytes from Jira for services that have checked who may see them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from common.ids import AttachmentId, parse_id
from common.web.internal import InternalCaller, InternalCallerDep
from jira_sync.inbound.dependencies import AppDep
from jira_sync.usecases.stream_attachment import stream_attachment

router = APIRouter(prefix="/internal/v1/attachments", tags=["internal"])

_PASSED_BACK = ("content-type", "content-range", "accept-ranges", "etag", "last-modified")


@router.get("/{attachment}/content", summary="The bytes of an attachment")
async def get_content(attachment: str, request: Request, caller: InternalCallerDep, app: AppDep) -> StreamingResponse:
    return await _streamed(attachment, request, caller, app, thumbnail=False)


@router.get("/{attachment}/thumbnail", summary="Jira's small picture of an attachment")
async def get_thumbnail(attachment: str, request: Request, caller: InternalCallerDep, app: AppDep) -> StreamingResponse:
    return await _streamed(attachment, request, caller, app, thumbnail=True)


async def _streamed(
    attachment: str, request: Request, caller: InternalCaller, app: AppDep, *, thumbnail: bool
) -> StreamingResponse:
    """Opens Jira's answer before ours begins, so that a failure is still a problem and not a cut body."""
    wanted = AttachmentId(parse_id("att", attachment))
    stack = AsyncExitStack()
    async with stack:
        answer = await stack.enter_async_context(
            stream_attachment(app, caller.tenant, wanted, request.headers, thumbnail=thumbnail)
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
