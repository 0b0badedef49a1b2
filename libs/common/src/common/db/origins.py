"""Which tenants let pages of an origin in: read across tenants, because a browser names its origin before its token."""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from sqlalchemy import select

from common.db.database import Database
from common.db.tenant_settings import tenant_origins
from common.ids import TenantId

log = structlog.get_logger(__name__)

_KEEP = 5.0
_NOBODY: frozenset[TenantId] = frozenset()


class KnownOrigins:
    """All of them together, at most five seconds old: strangers' origins cost no statement of their own.

    While they cannot be read, the last known ones hold.
    """

    def __init__(self, db: Database, *, role: str, now: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._role = role
        self._now = now
        self._known: Mapping[str, frozenset[TenantId]] = {}
        self._until = float("-inf")
        self._lock = asyncio.Lock()

    async def tenants_of(self, origin: str) -> frozenset[TenantId]:
        """The tenants that named exactly this origin."""
        if self._now() >= self._until:
            async with self._lock:
                if self._now() >= self._until:
                    await self._read()
        return self._known.get(origin, _NOBODY)

    async def _read(self) -> None:
        found: dict[str, set[TenantId]] = {}
        statement = select(tenant_origins.c.origin, tenant_origins.c.tenant_id)  # across tenants: a finder
        try:
            async with self._db.uow_for_all_tenants("a page names its origin first", role=self._role) as tx:
                for row in await tx.execute(statement):
                    found.setdefault(row.origin, set()).add(TenantId(row.tenant_id))
        except Exception as error:
            log.warning("origins_unknown", error=type(error).__name__)
        else:
            self._known = {origin: frozenset(tenants) for origin, tenants in found.items()}
        self._until = self._now() + _KEEP
