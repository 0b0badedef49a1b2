"""The members of the caller's tenant: seen by all of them, changed by its administrators."""

from fastapi import APIRouter, Query, Request, Response

from auth.accounts.inbound.views import invitation_view
from auth.accounts.store.invitations import Invitation
from auth.accounts.usecases.add_user import NewUser as UserToAdd
from auth.accounts.usecases.add_user import add_user
from auth.app import App
from auth.domain.roles import Role
from auth.inbound.answers import tagged
from auth.inbound.dependencies import AppDep, MemberAdminDep, MemberReaderDep, Person
from auth.inbound.idempotency import IdempotencyDep, kept_answer
from auth.inbound.member_view import member_view
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from auth.store.memberships import MemberRow
from auth.usecases.manage_members import (
    Actor,
    MemberChange,
    change_user,
    count_users,
    get_user,
    list_users,
    remove_user,
)
from common.contracts.http.auth import ListCount, NewUser, UserList, UserPatch, UserView
from common.contracts.http.invitations import InvitationView
from common.db.idempotency import KeptAnswer
from common.ids import UserId, parse_id

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("", response_model=UserList, summary="The members of your tenant")
async def get_users(
    request: Request,
    person: MemberReaderDep,
    app: AppDep,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
    count: bool = Query(False),
) -> Response:
    cursors, now = _cursors(app, person), app.clock()
    rows = await list_users(app, person.tenant, after=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([row.member.user for row in rows], limit, now)
    view = UserList(items=[member_view(row) for row in rows[:limit]], next_cursor=following)
    if count:
        total = ListCount(value=await count_users(app, person.tenant), exact=True)
        view = UserList(items=view.items, next_cursor=following, count=total)
    return tagged(request, view)


@router.post(
    "",
    status_code=201,
    response_model=UserView,
    responses={202: {"model": InvitationView, "description": "Invited by mail: without a password, or known already"}},
    summary="Add a member with a new account, or invite a person by mail",
)
async def post_user(body: NewUser, person: MemberAdminDep, app: AppDep, idempotency: IdempotencyDep) -> Response:
    password = None if body.password is None else body.password.get_secret_value()
    new = UserToAdd(body.email, body.name, Role(body.role), password)
    return idempotency.answer(await add_user(app, _actor(person), new, idempotency.by(person.user), _added))


@router.get("/{user}", response_model=UserView, summary="One member")
async def get_one_user(user: str, request: Request, person: MemberReaderDep, app: AppDep) -> Response:
    return tagged(request, member_view(await get_user(app, person.tenant, _user(user))))


@router.patch("/{user}", summary="Change a member's role, or switch the membership off and on")
async def patch_user(user: str, body: UserPatch, person: MemberAdminDep, app: AppDep) -> UserView:
    change = MemberChange(None if body.role is None else Role(body.role), body.active)
    return member_view(await change_user(app, _actor(person), _user(user), change))


@router.delete("/{user}", status_code=204, summary="Remove a member")
async def delete_user(user: str, person: MemberAdminDep, app: AppDep) -> None:
    await remove_user(app, _actor(person), _user(user))


def _added(made: MemberRow | Invitation) -> KeptAnswer:
    if isinstance(made, Invitation):
        invited = invitation_view(made)
        return kept_answer(202, f"/api/v1/invitations/{invited.id}", invited)
    view = member_view(made)
    return kept_answer(201, f"/api/v1/users/{view.id}", view)


def _actor(person: Person) -> Actor:
    return Actor(person.tenant, person.user, person.doer)


def _user(text: str) -> UserId:
    return UserId(parse_id("usr", text))


def _cursors(app: App, person: Person) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"users:{person.tenant}")
