"""The identity providers of the caller's tenant, for its administrators."""

from typing import Any

from fastapi import APIRouter, Response

from auth.app import App
from auth.federation.domain.providers import Provider
from auth.federation.usecases.begin_sign_in import callback_address
from auth.federation.usecases.manage_providers import (
    change_provider,
    create_provider,
    get_provider,
    list_all_providers,
    remove_provider,
)
from auth.inbound.dependencies import AppDep, MemberAdminDep, Person
from auth.inbound.idempotency import IdempotencyDep, kept_answer
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from common.contracts.http.providers import (
    IdentityProviderList,
    IdentityProviderPatch,
    IdentityProviderView,
    NewIdentityProvider,
)
from common.contracts.http.request_model import RequestModel
from common.ids import parse_id, public_id

router = APIRouter(prefix="/api/v1/identity-providers", tags=["identity providers"])

_MAY_BE_NULL = frozenset({"client_secret", "domain_role", "groups_claim", "site_role"})


@router.get("", summary="The identity providers of your tenant")
async def get_providers(
    caller: MemberAdminDep, app: AppDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> IdentityProviderList:
    cursors, now = _cursors(app, caller), app.clock()
    rows = await list_all_providers(app, caller.tenant, after=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([row.provider for row in rows], limit, now)
    return IdentityProviderList(items=[_view(app, row) for row in rows[:limit]], next_cursor=following)


@router.post("", status_code=201, response_model=IdentityProviderView, summary="Set up an identity provider")
async def post_provider(
    body: NewIdentityProvider, caller: MemberAdminDep, app: AppDep, idempotency: IdempotencyDep
) -> Response:
    def answer(row: Provider) -> Any:
        return kept_answer(201, f"/api/v1/identity-providers/{public_id('idp', row.provider)}", _view(app, row))

    request = idempotency.by(caller.user)
    return idempotency.answer(
        await create_provider(app, caller.tenant, caller.doer, _values(body, unset=True), request, answer)
    )


@router.get("/{provider}", summary="One identity provider")
async def get_one_provider(provider: str, caller: MemberAdminDep, app: AppDep) -> IdentityProviderView:
    return _view(app, await get_provider(app, caller.tenant, parse_id("idp", provider)))


@router.patch("/{provider}", summary="Change an identity provider")
async def patch_provider(
    provider: str, body: IdentityProviderPatch, caller: MemberAdminDep, app: AppDep
) -> IdentityProviderView:
    given = {name: value for name, value in _values(body).items() if value is not None or name in _MAY_BE_NULL}
    return _view(app, await change_provider(app, caller.tenant, caller.doer, parse_id("idp", provider), given))


@router.delete("/{provider}", status_code=204, summary="Remove an identity provider")
async def delete_provider(provider: str, caller: MemberAdminDep, app: AppDep) -> None:
    await remove_provider(app, caller.tenant, caller.doer, parse_id("idp", provider))


def _values(body: RequestModel, *, unset: bool = False) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=not unset)
    if values.get("client_secret") is not None:
        values["client_secret"] = values["client_secret"].get_secret_value()
    if values.get("domains") is not None:
        values["domains"] = sorted(set(values["domains"]))
    return values


def _cursors(app: App, caller: Person) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"identity-providers:{caller.tenant}")


def _view(app: App, row: Provider) -> IdentityProviderView:
    rules = row.rules
    return IdentityProviderView(
        id=public_id("idp", row.provider),
        kind=row.kind.value,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        secret_set=row.secret_set,
        scopes=list(row.scopes),
        enabled=row.enabled,
        domains=sorted(rules.domains),
        domain_role=_role(rules.domain_role),
        groups_claim=rules.groups_claim,
        group_roles={group: _role(role) for group, role in (rules.group_roles or {}).items()},
        site_role=_role(rules.site_role),
        callback=callback_address(app, row.kind),
        created=row.created,
        updated=row.updated,
    )


def _role(role: Any) -> Any:
    return None if role is None else role.value
