"""A viewer asks for the bytes of an attachment: his access is checked here, the bytes stream from Jira by jira-sync."""

from collections.abc import Mapping
from typing import Any, Literal

from api_gateway.app import App
from api_gateway.domain.etags import is_unchanged
from api_gateway.domain.file_answers import FileAnswer, file_headers
from api_gateway.outbound.peers import Peer, PeerRequest
from common.errors import AppError, ErrorKind, NotFound, register_translations
from common.ids import AttachmentId, public_id
from common.issues.access import Viewer, read_access
from common.issues.children import find_attachment
from common.web.internal import internal_token


class AttachmentNotFound(NotFound):
    """There is no such attachment, or you may not see it."""

    code = "attachment.not_found"


class AttachmentUnavailable(AppError):
    """Jira did not give the bytes of this attachment."""

    kind, code = ErrorKind.UPSTREAM_BROKEN, "attachment.unavailable"


register_translations(
    {
        "attachment.not_found": "Такого вложения нет, или оно вам недоступно.",
        "attachment.unavailable": "Jira не отдала содержимое этого вложения.",
    }
)

_PASSED = ("range", "if-range")


async def open_attachment(
    attachment: AttachmentId,
    part: Literal["content", "thumbnail"],
    asked: Mapping[str, str],
    *,
    viewer: Viewer,
    app: App,
) -> FileAnswer:
    """Raises `AttachmentNotFound`, also for one without a thumbnail; the stream must be read or closed."""
    row = await _visible(attachment, viewer, app)
    if part == "thumbnail" and row["thumbnail_url"] is None:
        raise AttachmentNotFound(detail="This attachment has no thumbnail.")
    headers = file_headers(row, part)
    if is_unchanged(asked.get("if-none-match"), headers["etag"]):
        return FileAnswer(304, headers, None)
    token = internal_token(app.internal, service="api-gateway", tenant=viewer.tenant)
    passed = {name: value for name in _PASSED if (value := asked.get(name)) is not None}
    # Our ETag is not the one that Jira knows, so a condition on it is decided here.
    if passed.pop("if-range", headers["etag"]) != headers["etag"]:
        passed.pop("range", None)
    path = f"/internal/v1/attachments/{public_id('att', attachment)}/{part}"
    path += f"?connection={public_id('con', row['connection_id'])}"
    answer = await app.peers.send(Peer.JIRA_SYNC, PeerRequest("GET", path, {**passed, "authorization": token}))
    if answer.status not in (200, 206, 416):
        await answer.close()
        raise AttachmentNotFound if answer.status == 404 else AttachmentUnavailable
    for name in ("content-length", "content-range", "accept-ranges"):
        if name in answer.headers:
            headers[name] = answer.headers[name]
    return FileAnswer(answer.status, headers, answer.chunks())


async def _visible(attachment: AttachmentId, viewer: Viewer, app: App) -> Mapping[str, Any]:
    async with app.db.read(viewer.tenant) as reader:
        row = await find_attachment(reader, await read_access(reader, viewer), attachment)
    if row is None:
        raise AttachmentNotFound
    found: Mapping[str, Any] = dict(row)
    return found
