"""Turns ready bytes into answers with ETag, freshness and 304."""

from datetime import datetime

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from api_gateway.domain.etags import etag_of, is_unchanged
from api_gateway.domain.file_answers import FileAnswer
from common.clock import rfc3339


def json_answer(request: Request, body: bytes, *, as_of: datetime | None = None) -> Response:
    """200 with the body, or 304 when the client has it. Answers are made for each request, so their age is 0."""
    etag = etag_of(body)
    headers = {"ETag": etag, "Age": "0", "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if as_of is not None:
        headers["X-Data-As-Of"] = rfc3339(as_of)
    if request.method == "GET" and is_unchanged(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def file_answer(answer: FileAnswer) -> Response:
    """The bytes of a file as they come."""
    if answer.chunks is None:
        headers = {name: value for name, value in answer.headers.items() if name != "content-type"}
        return Response(status_code=answer.status, headers=headers)
    return StreamingResponse(answer.chunks, answer.status, headers=answer.headers)
