"""Bytes and a Range header in, a whole, partial or refused answer out."""

import re
from urllib.parse import quote

from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def bytes_response(content: bytes, media_type: str, name: str, asked: str | None) -> Response:
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Type": media_type,
    }
    match = _RANGE.fullmatch(asked.strip()) if asked else None
    if match is None or not (match[1] or match[2]):
        return Response(content, headers=headers)
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) if match[2] else len(content) - 1, len(content) - 1)
    else:
        start, end = max(0, len(content) - int(match[2])), len(content) - 1
    if start >= len(content) or start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, headers=headers)
