"""What a use case of export-worker may use."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from common.clock import Clock
from common.db.database import Database
from common.ids import TenantId
from export_worker.outbound.object_storage import S3Storage
from export_worker.outbound.pdf import RenderJob
from export_worker.settings import ExportSettings


class Renderer(Protocol):
    """Makes a PDF in a process of its own; raises `RenderFailed`, `RenderTimeout` or `RenderCrashed`."""

    async def render(self, job: RenderJob) -> bytes: ...


class Attachments(Protocol):
    """Fetches the bytes of attachments; None when they cannot be had."""

    async def fetch(self, tenant: TenantId, connection: UUID, attachment: UUID, limit: int) -> bytes | None: ...


@dataclass(frozen=True)
class App:
    """Built once in `main.py`."""

    db: Database
    storage: S3Storage
    attachments: Attachments
    renderer: Renderer
    clock: Clock
    settings: ExportSettings
    #: Set when there may be work, so that an idle worker need not wait for its timer.
    work: asyncio.Event = field(default_factory=asyncio.Event)
