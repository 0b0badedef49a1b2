"""A tenant seen and changed by its own people: a merge patch and the version it was made for in, a new version out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auth.app import App
from auth.domain.accounts import Tenant
from auth.store.tenants import find_tenant, rename_tenant, update_tenant
from auth.tenant_settings.domain.changing import Bounds, changes, merged
from auth.tenant_settings.domain.errors import SettingsChangedMeanwhile
from auth.tenant_settings.store.settings import Version, list_versions, read_version, write_version
from auth.usecases.auditing import Doer, audit
from common.contracts.http.tenant_settings import TenantChange, TenantSettings
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, public_id


@dataclass(frozen=True, slots=True)
class Own:
    """The tenant, its settings, and their version."""

    tenant: Tenant
    version: int
    settings: TenantSettings


async def get_own_tenant(app: App, tenant: TenantId) -> Own:
    async with app.db.uow(tenant) as tx:
        return await _read(tx, lock=False)


async def change_own_tenant(app: App, tenant: TenantId, by: Doer, patch: TenantChange, version: int | None) -> Own:
    """`version` is the one that the change was made for, None for whatever stands; nothing changed is no version."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        before = await _read(tx, lock=True)
        if version is not None and version != before.version:
            raise SettingsChangedMeanwhile(extra={"version": before.version})
        after = merged(before.settings, patch.settings or {}, bounds_of(app))
        name, slug = patch.name or before.tenant.name, patch.slug or before.tenant.slug
        found = list(
            changes(_whole(before.tenant.name, before.tenant.slug, before.settings), _whole(name, slug, after))
        )
        if not found:
            return before
        if slug != before.tenant.slug:
            await rename_tenant(tx, tenant, slug, now=now)
        await update_tenant(tx, tenant, {"name": name, **_session_columns(after)}, now=now)
        await write_version(tx, after, Version(before.version + 1, now, by.user, found))
        details = {"version": str(before.version + 1), "changed": ", ".join(change.path for change in found)}
        target = ("tenant", public_id("ten", tenant))
        await audit(tx, "tenant.settings_changed", by=by, at=now, target=target, details=details)
        return await _read(tx, lock=False)


async def list_own_versions(app: App, tenant: TenantId, *, below: int | None, limit: int) -> Sequence[Version]:
    async with app.db.uow(tenant) as tx:
        return await list_versions(tx, below=below, limit=limit)


def bounds_of(app: App) -> Bounds:
    bounds = app.settings.tenants
    return Bounds(
        least={"retention.audit_days": bounds.least_audit_days},
        most={
            "sessions.idle_days": bounds.most_session_days,
            "sessions.life_days": bounds.most_session_days,
            "retention.exports_days": bounds.most_exports_days,
            "api_tokens.max_days": bounds.most_token_days,
        },
    )


async def _read(tx: Tx, *, lock: bool) -> Own:
    tenant = await find_tenant(tx, tx.tenant, lock=lock)
    if tenant is None:
        raise NotFound
    return Own(tenant, *await read_version(tx))


def _whole(name: str, slug: str, settings: TenantSettings) -> dict[str, Any]:
    return {"name": name, "slug": slug, **settings.model_dump(mode="json")}


def _session_columns(settings: TenantSettings) -> dict[str, timedelta]:
    """Sign-in and refresh read the tenant's own row anyway, so the two lifetimes stand there as well."""
    sessions = settings.sessions
    return {"session_idle": timedelta(days=sessions.idle_days), "session_life": timedelta(days=sessions.life_days)}
