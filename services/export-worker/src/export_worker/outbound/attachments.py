"""Images of issues from jira-sync, which holds the credentials: an id comes in, bounded bytes or None go out."""

from uuid import UUID

import httpx
import structlog

from common.ids import TenantId, public_id
from common.settings import InternalSettings
from common.telemetry.context import trace_headers
from common.web.internal import internal_token

log = structlog.get_logger(__name__)


class HttpAttachments:
    """Attachments by jira-sync's internal door."""

    def __init__(self, client: httpx.AsyncClient, url: str, internal: InternalSettings) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._internal = internal

    async def fetch(self, tenant: TenantId, connection: UUID, attachment: UUID, limit: int) -> bytes | None:
        """A missing image is no error of an export, so every failure is None and a line in the log."""
        url = f"{self._url}/internal/v1/attachments/{public_id('att', attachment)}/content"
        url += f"?connection={public_id('con', connection)}"
        token = internal_token(self._internal, service="export-worker", tenant=tenant)
        headers = {"Authorization": token, **trace_headers()}
        try:
            async with self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    log.info("image_unavailable", status=answer.status_code, attachment=str(attachment))
                    return None
                return await _bounded(answer, limit)
        except httpx.HTTPError as error:
            log.info("image_unavailable", error=type(error).__name__, attachment=str(attachment))
            return None


async def _bounded(answer: httpx.Response, limit: int) -> bytes | None:
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > limit:
            log.info("image_too_large", limit=limit)
            return None
    return bytes(data)
