"""Settings of tenants: written by auth alone, read by every service in the tenant's own transaction.

A service that asks often keeps a `KnownSettings`: what it says is at most five seconds old (docs/adr/0015).
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from common.contracts.http.tenant_settings import TenantSettings
from common.db.database import Database
from common.db.reading import Reader, compile_read
from common.db.roles import AUDIT_KEEPER
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import TenantId

metadata = MetaData(schema="auth")

#: The values as they are now; a tenant without a row has the defaults, which are version 1.
tenant_settings = Table(
    "tenant_settings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

#: The same origins as in the settings, one a row, for doors that meet an origin before they know its tenant.
tenant_origins = Table(
    "tenant_origins",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("origin", Text, primary_key=True),
)

#: Roles that read both; each meets only the rows of the tenant of its transaction. The keeper of the audit log
#: is among them because a policy asks for the retention when it deletes.
READERS = ("je_gateway", "je_export", "je_sync", "je_notifier", AUDIT_KEEPER)

DEFAULTS = TenantSettings()

_KEEP = 5.0
_MOST = 10_000
_READ = compile_read(select(tenant_settings.c.settings).where(tenant_settings.c.tenant_id == bindparam("tenant")))


async def read_settings(reader: Reader) -> TenantSettings:
    """The settings of the reader's tenant, as they are now."""
    return settings_of(await reader.fetchval(_READ, tenant=reader.tenant))


async def settings_in(tx: Tx) -> TenantSettings:
    """The same inside a unit of work."""
    return settings_of((await tx.execute(tx.select(tenant_settings, tenant_settings.c.settings))).scalar_one_or_none())


async def find_tenants_of_origin(tx: AcrossTenantsTx, origin: str) -> frozenset[TenantId]:
    """Which tenants named this origin; asked under a finder role."""
    statement = select(tenant_origins.c.tenant_id).where(tenant_origins.c.origin == origin)  # across tenants: a finder
    return frozenset(TenantId(row.tenant_id) for row in await tx.execute(statement))


def settings_of(stored: str | Mapping[str, Any] | None) -> TenantSettings:
    """What is stored, with defaults for what an older version did not know and without what a newer one added."""
    if stored is None:
        return DEFAULTS
    values = orjson.loads(stored) if isinstance(stored, str) else stored
    return TenantSettings.model_validate(_known(values, DEFAULTS.model_dump()))


class KnownSettings:
    """The settings of the tenants that asked last; a tenant's are read again after five seconds."""

    def __init__(self, db: Database, *, now: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._now = now
        self._kept: dict[TenantId, tuple[TenantSettings, float]] = {}

    async def of(self, tenant: TenantId) -> TenantSettings:
        """Never older than five seconds."""
        kept = self._kept.get(tenant)
        if kept is not None and self._now() < kept[1]:
            return kept[0]
        async with self._db.read(tenant) as reader:
            found = await read_settings(reader)
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[tenant] = (found, self._now() + _KEEP)
        return found


def _known(values: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    known = {}
    for name, value in values.items():
        if name not in like:
            continue
        deep = isinstance(value, Mapping) and isinstance(like[name], Mapping)
        known[name] = _known(value, like[name]) if deep else value
    return known
