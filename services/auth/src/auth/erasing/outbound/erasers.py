"""Asks the other services to erase a portion of a tenant: their answers go out, None for one that is away."""

from collections.abc import Mapping
from typing import Protocol

import httpx
import structlog
from pydantic import ValidationError

from auth.settings import PeersSettings
from common.ids import TenantId
from common.settings import InternalSettings
from common.telemetry.context import trace_headers
from common.web.erasing import ErasedBody
from common.web.internal import internal_token

log = structlog.get_logger(__name__)

_PATH = "/internal/v1/erase"
#: A service works for some seconds and then answers; files take longer.
_PATIENCE = httpx.Timeout(60.0, connect=3.0)


class Erasers(Protocol):
    """Everybody who holds something of a tenant."""

    names: tuple[str, ...]

    async def erase(self, service: str, tenant: TenantId) -> Mapping[str, int] | None: ...


class HttpErasers:
    """The services by their internal doors."""

    def __init__(self, peers: PeersSettings, internal: InternalSettings) -> None:
        self._urls = peers.by_service()
        self._internal = internal
        self._http = httpx.AsyncClient(trust_env=False, timeout=_PATIENCE)
        self.names = tuple(self._urls)

    async def erase(self, service: str, tenant: TenantId) -> Mapping[str, int] | None:
        """What it has left."""
        url = self._urls[service]
        if url is None:
            log.error("eraser_without_address", peer=service)
            return None
        token = internal_token(self._internal, service="auth", tenant=tenant)
        try:
            answer = await self._http.post(f"{url}{_PATH}", headers={"Authorization": token, **trace_headers()})
            if answer.status_code != httpx.codes.OK:
                log.warning("eraser_refuses", peer=service, status=answer.status_code)
                return None
            return ErasedBody.model_validate_json(answer.content).left
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("eraser_away", peer=service, error=type(error).__name__)
            return None

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()
