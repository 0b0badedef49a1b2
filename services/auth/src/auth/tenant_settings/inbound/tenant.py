"""The caller's own tenant and its settings: seen, changed under If-Match, and what earlier versions changed."""

import re
from typing import Annotated
from uuid import UUID
from zlib import crc32

from fastapi import APIRouter, Header, Request, Response

from auth.app import App
from auth.domain.errors import NoTenant
from auth.domain.platform import PLATFORM
from auth.inbound.dependencies import AnyoneDep, AppDep, Person, signed_in
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from auth.tenant_settings.domain.errors import VersionNeeded
from auth.tenant_settings.store.settings import Version
from auth.tenant_settings.usecases.manage_settings import Own, change_own_tenant, get_own_tenant, list_own_versions
from common.contracts.http.tenant_settings import (
    OwnTenant,
    SettingChange,
    SettingsVersion,
    SettingsVersionList,
    TenantChange,
)
from common.ids import TenantId, public_id

router = APIRouter(prefix="/api/v1/tenant", tags=["tenant"])

TenantAdminDep = Annotated[Person, signed_in("tenant:admin")]
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})(?:-[0-9a-f]{8})?"?')


@router.get("", response_model=OwnTenant, summary="Your tenant and its settings")
async def get_tenant(request: Request, response: Response, person: AnyoneDep, app: AppDep) -> OwnTenant | Response:
    if person.tenant == PLATFORM:
        raise NoTenant
    own = await get_own_tenant(app, person.tenant)
    if request.headers.get("if-none-match") in (_tag(own), f"W/{_tag(own)}"):
        return Response(status_code=304, headers={"ETag": _tag(own)})
    return _view(own, response)


@router.patch("", summary="Change name, slug or settings of your tenant")
async def patch_tenant(
    body: TenantChange,
    response: Response,
    person: TenantAdminDep,
    app: AppDep,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
) -> OwnTenant:
    return _view(await change_own_tenant(app, person.tenant, person.doer, body, _version(if_match)), response)


@router.get("/versions", summary="What earlier versions of the settings changed, and who made them")
async def get_versions(
    person: TenantAdminDep, app: AppDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> SettingsVersionList:
    cursors, now = _cursors(app, person.tenant), app.clock()
    last = cursors.read(cursor, now)
    found = await list_own_versions(app, person.tenant, below=None if last is None else last.int, limit=limit + 1)
    following = cursors.next_after([UUID(int=item.version) for item in found], limit, now)
    return SettingsVersionList(items=[_version_view(item) for item in found[:limit]], next_cursor=following)


def _version(if_match: str | None) -> int | None:
    if if_match is None:
        raise VersionNeeded
    if if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise VersionNeeded
    return int(match[1])


def _view(own: Own, response: Response) -> OwnTenant:
    response.headers["ETag"] = _tag(own)
    return OwnTenant(
        id=public_id("ten", own.tenant.tenant),
        name=own.tenant.name,
        slug=own.tenant.slug,
        created=own.tenant.created,
        version=own.version,
        settings=own.settings,
    )


def _tag(own: Own) -> str:
    """The operator may rename a tenant without a new version of its settings, so the name counts too."""
    return f'"{own.version}-{crc32(f"{own.tenant.name}/{own.tenant.slug}".encode()):08x}"'


def _version_view(item: Version) -> SettingsVersion:
    return SettingsVersion(
        version=item.version,
        at=item.at,
        by=None if item.by is None else public_id("usr", item.by),
        changes=[SettingChange(path=one.path, before=one.before, after=one.after) for one in item.changes],
    )


def _cursors(app: App, tenant: TenantId) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"settings:{tenant}")
