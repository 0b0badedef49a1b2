"""The tenants of the installation, for the platform operator."""

from fastapi import APIRouter, Response

from auth.app import App
from auth.domain.accounts import Tenant
from auth.erasing.domain.deletion import Deletion
from auth.erasing.usecases.ask_deletion import ask_deletion
from auth.inbound.dependencies import AppDep, OperatorDep, Person
from auth.inbound.idempotency import IdempotencyDep, kept_answer
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from auth.usecases.auditing import Doer, person
from auth.usecases.manage_tenants import (
    FirstOwner,
    Made,
    change_tenant,
    create_tenant,
    get_tenant,
    list_all_tenants,
)
from common.contracts.http.auth import (
    CreatedTenant,
    DeletionProgress,
    DeletionView,
    NewTenant,
    TenantDeletion,
    TenantList,
    TenantPatch,
    TenantView,
)
from common.db.idempotency import KeptAnswer
from common.ids import TenantId, parse_id, public_id

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])


@router.get("", summary="All tenants")
async def get_tenants(
    _operator: OperatorDep, app: AppDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> TenantList:
    cursors, now = _cursors(app), app.clock()
    found = await list_all_tenants(app, after=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([item.tenant for item in found], limit, now)
    return TenantList(items=[_view(item) for item in found[:limit]], next_cursor=following)


@router.post("", status_code=201, response_model=CreatedTenant, summary="Make a tenant with its first owner")
async def post_tenant(body: NewTenant, operator: OperatorDep, app: AppDep, idempotency: IdempotencyDep) -> Response:
    password = body.owner.password.get_secret_value() if body.owner.password else None
    owner = FirstOwner(body.owner.email, body.owner.name, password)
    return idempotency.answer(
        await create_tenant(app, _by(operator), body.name, body.slug, owner, idempotency.by(operator.user), _created)
    )


@router.get("/{tenant}", summary="One tenant")
async def get_one_tenant(tenant: str, _operator: OperatorDep, app: AppDep) -> TenantView:
    found, deletion = await get_tenant(app, _tenant(tenant))
    return _view(found, deletion)


@router.patch("/{tenant}", summary="Rename, suspend or resume a tenant")
async def patch_tenant(tenant: str, body: TenantPatch, operator: OperatorDep, app: AppDep) -> TenantView:
    return _view(await change_tenant(app, _by(operator), _tenant(tenant), body.model_dump(exclude_none=True)))


@router.delete(
    "/{tenant}",
    status_code=202,
    summary="Delete a tenant and all that is its own",
    description="Nobody gets in from now on. Rows, files, cache entries and keys go in the background, in portions.",
)
async def delete_tenant(tenant: str, operator: OperatorDep, app: AppDep, response: Response) -> TenantDeletion:
    found, deletion = await ask_deletion(app, _by(operator), _tenant(tenant))
    place = f"/api/v1/tenants/{public_id('ten', found.tenant)}"
    response.headers["Location"] = place
    shown = _deletion(deletion)
    return TenantDeletion(
        id=public_id("ten", found.tenant),
        status="deleting",
        progress=shown.progress,
        left=shown.left,
        waiting_for=shown.waiting_for,
        links={"self": place},
    )


def _by(operator: Person) -> Doer:
    return person(operator.user, operator.tenant, operator.session)


def _tenant(text: str) -> TenantId:
    return TenantId(parse_id("ten", text))


def _cursors(app: App) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), "tenants")


def _created(made: Made) -> KeptAnswer:
    owner = None if made.owner is None else public_id("usr", made.owner)
    invitation = None if made.invitation is None else public_id("inv", made.invitation)
    view = CreatedTenant(**_view(made.tenant).model_dump(), owner_id=owner, invitation_id=invitation)
    return kept_answer(201, f"/api/v1/tenants/{view.id}", view)


def _deletion(deletion: Deletion) -> DeletionView:
    left = {name: dict(said) for name, said in (deletion.left or {}).items() if said}
    return DeletionView(
        asked=deletion.asked_at,
        progress=DeletionProgress(done=deletion.done, total=deletion.most),
        left=left,
        waiting_for=list(deletion.waiting_for),
    )


def _view(item: Tenant, deletion: Deletion | None = None) -> TenantView:
    return TenantView(
        id=public_id("ten", item.tenant),
        name=item.name,
        slug=item.slug,
        state=item.state.value,
        created=item.created,
        deletion=None if deletion is None else _deletion(deletion),
    )
