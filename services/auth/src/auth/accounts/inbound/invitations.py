"""Invitations of the caller's tenant: sent, listed, taken back; and accepted by whoever has the link."""

from fastapi import APIRouter, Query, Request, Response

from auth.accounts.inbound.views import invitation_view
from auth.accounts.usecases.accept_invitation import Acceptance, accept_invitation
from auth.accounts.usecases.invite import (
    count_all_invitations,
    list_all_invitations,
    revoke_invitation,
    send_invitation,
)
from auth.app import App
from auth.domain.roles import Role
from auth.inbound.answers import tagged
from auth.inbound.cookies import has_cookies
from auth.inbound.dependencies import AppDep, MemberAdminDep, OriginDep, Person, person_of
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from common.contracts.http.auth import ListCount, TenantSummary
from common.contracts.http.invitations import (
    AcceptInvitation,
    InvitationList,
    InvitationView,
    JoinedTenant,
    NewInvitation,
)
from common.errors import AppError
from common.ids import UserId, parse_id, public_id

router = APIRouter(prefix="/api/v1", tags=["invitations"])


@router.get("/invitations", response_model=InvitationList, summary="Who is invited and has not come yet")
async def get_invitations(
    request: Request,
    person: MemberAdminDep,
    app: AppDep,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
    count: bool = Query(False),
) -> Response:
    cursors, now = _cursors(app, person), app.clock()
    found = await list_all_invitations(app, person.tenant, after=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([item.invitation for item in found], limit, now)
    view = InvitationList(items=[invitation_view(item) for item in found[:limit]], next_cursor=following)
    if count:
        total = await count_all_invitations(app, person.tenant)
        view = InvitationList(items=view.items, next_cursor=following, count=ListCount(value=total, exact=True))
    return tagged(request, view)


@router.post("/invitations", status_code=202, summary="Invite a person by mail")
async def post_invitation(body: NewInvitation, person: MemberAdminDep, app: AppDep) -> InvitationView:
    return invitation_view(await send_invitation(app, person.tenant, person.doer, body.email, Role(body.role)))


@router.delete("/invitations/{invitation}", status_code=204, summary="Take an invitation back")
async def delete_invitation(invitation: str, person: MemberAdminDep, app: AppDep) -> None:
    await revoke_invitation(app, person.tenant, person.doer, parse_id("inv", invitation))


@router.post("/auth/invitations/accept", summary="Accept an invitation with the token of its link")
async def post_acceptance(body: AcceptInvitation, request: Request, app: AppDep, origin: OriginDep) -> JoinedTenant:
    password = None if body.password is None else body.password.get_secret_value()
    acceptance = Acceptance(body.name, password, await _signed_in(request, app))
    joined = await accept_invitation(app, body.token.get_secret_value(), acceptance, origin)
    tenant = TenantSummary(id=public_id("ten", joined.tenant.tenant), name=joined.tenant.name, slug=joined.tenant.slug)
    return JoinedTenant(user_id=public_id("usr", joined.user), tenant=tenant, role=Role(joined.role).value)


async def _signed_in(request: Request, app: App) -> UserId | None:
    """A machine's token proves no person; cookies that prove nothing are as good as none."""
    if "authorization" in request.headers:
        person = await person_of(request, app)
    elif has_cookies(request):
        try:
            person = await person_of(request, app)
        except AppError:
            return None
    else:
        return None
    return None if person.api_token is not None else person.user


def _cursors(app: App, person: Person) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"invitations:{person.tenant}")
