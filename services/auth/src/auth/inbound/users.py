"""The members of the caller's tenant, for its administrators."""

from fastapi import APIRouter, Response

from auth.app import App
from auth.domain.errors import PasswordNeeded
from auth.domain.roles import Role
from auth.inbound.dependencies import AppDep, MemberAdminDep, Person
from auth.inbound.idempotency import IdempotencyDep, kept_answer
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from auth.store.memberships import MemberRow
from auth.usecases.manage_members import (
    Actor,
    MemberChange,
    NewMember,
    add_user,
    change_user,
    get_user,
    list_users,
    remove_user,
)
from common.contracts.http.auth import NewUser, UserList, UserPatch, UserView
from common.ids import UserId, parse_id, public_id

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("", summary="The members of your tenant")
async def get_users(
    person: MemberAdminDep, app: AppDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> UserList:
    cursors, now = _cursors(app, person), app.clock()
    rows = await list_users(app, person.tenant, after=cursors.read(cursor, now), limit=limit + 1)
    following = cursors.next_after([row.member.user for row in rows], limit, now)
    return UserList(items=[_view(row) for row in rows[:limit]], next_cursor=following)


@router.post("", status_code=201, response_model=UserView, summary="Add a member")
async def post_user(body: NewUser, person: MemberAdminDep, app: AppDep, idempotency: IdempotencyDep) -> Response:
    if body.password is None:
        raise PasswordNeeded
    new = NewMember(body.email, body.name, Role(body.role), body.password.get_secret_value())
    request = idempotency.by(person.user)
    kept = await add_user(app, _actor(person), new, request, lambda row: kept_answer(201, _place(row), _view(row)))
    return idempotency.answer(kept)


@router.get("/{user}", summary="One member")
async def get_one_user(user: str, person: MemberAdminDep, app: AppDep) -> UserView:
    return _view(await get_user(app, person.tenant, _user(user)))


@router.patch("/{user}", summary="Change a member's role, or switch the membership off and on")
async def patch_user(user: str, body: UserPatch, person: MemberAdminDep, app: AppDep) -> UserView:
    change = MemberChange(None if body.role is None else Role(body.role), body.active)
    return _view(await change_user(app, _actor(person), _user(user), change))


@router.delete("/{user}", status_code=204, summary="Remove a member")
async def delete_user(user: str, person: MemberAdminDep, app: AppDep) -> None:
    await remove_user(app, _actor(person), _user(user))


def _actor(person: Person) -> Actor:
    return Actor(person.tenant, person.user)


def _user(text: str) -> UserId:
    return UserId(parse_id("usr", text))


def _cursors(app: App, person: Person) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"users:{person.tenant}")


def _place(row: MemberRow) -> str:
    return f"/api/v1/users/{public_id('usr', row.member.user)}"


def _view(row: MemberRow) -> UserView:
    return UserView(
        id=public_id("usr", row.member.user),
        email=row.email,
        name=row.name,
        role=row.member.role.value,
        active=row.member.active,
        created=row.created,
    )
