"""A tenant's settings and their versions: rows of `auth.tenant_settings`, `_versions` and `tenant_origins`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.tenant_settings.domain.changing import Change
from auth.tenant_settings.store.tables import tenant_settings_versions as versions
from common.contracts.http.tenant_settings import TenantSettings
from common.db.tenant_settings import settings_of, tenant_origins, tenant_settings
from common.db.unit_of_work import Tx
from common.ids import UserId

FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was made."""

    version: int
    at: datetime
    by: UserId | None
    changes: Sequence[Change]


async def read_version(tx: Tx) -> tuple[int, TenantSettings]:
    """What no tenant has changed yet is version 1, the defaults."""
    row = (await tx.execute(tx.select(tenant_settings))).one_or_none()
    return (FIRST_VERSION, settings_of(None)) if row is None else (row.version, settings_of(row.settings))


async def write_version(tx: Tx, settings: TenantSettings, version: Version) -> None:
    values = settings.model_dump(mode="json")
    now = {"version": version.version, "settings": values, "updated_at": version.at}
    await tx.upsert(tenant_settings, [now], key=())
    kept = {
        "version": version.version,
        "changed_at": version.at,
        "changed_by": version.by,
        "changes": [asdict(change) for change in version.changes],
        "settings": values,
    }
    await tx.execute(tx.insert(versions).values(**kept))
    if any(change.path == "cors_origins" for change in version.changes):
        await tx.execute(tx.delete(tenant_origins))
        await tx.insert_all(tenant_origins, [{"origin": origin} for origin in settings.cors_origins])


async def list_versions(tx: Tx, *, below: int | None, limit: int) -> Sequence[Version]:
    """The newest first."""
    statement = tx.select(versions).order_by(versions.c.version.desc()).limit(limit)
    if below is not None:
        statement = statement.where(versions.c.version < below)
    return [
        Version(row.version, row.changed_at, _user(row.changed_by), [Change(**change) for change in row.changes])
        for row in await tx.execute(statement)
    ]


def _user(value: Any) -> UserId | None:
    return UserId(value) if isinstance(value, UUID) else None
