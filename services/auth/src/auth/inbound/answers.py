"""Answers of reads: a view in, its JSON with an ETag out, or 304 when the caller has it already."""

import hashlib

from fastapi import Request, Response
from pydantic import BaseModel


def tagged(request: Request, view: BaseModel) -> Response:
    """Fields that were not set are left out: a count is there when it was asked for."""
    body = view.model_dump_json(exclude_unset=True).encode()
    # A cursor carries the time of its making: that there is one counts, and not which.
    more = bool(getattr(view, "next_cursor", None))
    seen = view.model_dump_json(exclude_unset=True, exclude={"next_cursor"}) + str(more)
    tag = f'"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = [item.strip().removeprefix("W/") for item in request.headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
