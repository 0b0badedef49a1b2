"""What a tenant itself set as its limits, known without waiting: it is read in the background, seconds old at most."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from common.contracts.http.tenant_settings import LimitSettings
from common.ids import TenantId

log = structlog.get_logger(__name__)

_KEEP = 5.0
_MOST = 10_000
_NOTHING_SET = LimitSettings()


class KnownLimits:
    """Until a tenant's limits are known, or while they cannot be read, the operator's (or the last known) hold."""

    def __init__(
        self, read: Callable[[TenantId], Awaitable[LimitSettings]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._now = now
        self._kept: dict[TenantId, tuple[LimitSettings, float]] = {}
        self._reading: dict[TenantId, asyncio.Task[None]] = {}

    def of(self, tenant: TenantId) -> LimitSettings:
        """At once; what is older than five seconds is read anew meanwhile."""
        kept, until = self._kept.get(tenant, (_NOTHING_SET, 0.0))
        if self._now() >= until and tenant not in self._reading:
            task = asyncio.create_task(self._refresh(tenant), name="limits of a tenant")
            self._reading[tenant] = task
            task.add_done_callback(lambda _: self._reading.pop(tenant, None))
        return kept

    async def close(self) -> None:
        """Waits for what is being read."""
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def _refresh(self, tenant: TenantId) -> None:
        kept, _ = self._kept.get(tenant, (_NOTHING_SET, 0.0))
        try:
            kept = await self._read(tenant)
        except Exception as error:
            log.warning("limits_of_tenant_unknown", error=type(error).__name__)
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[tenant] = (kept, self._now() + _KEEP)
