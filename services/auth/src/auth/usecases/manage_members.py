"""The members of a tenant: added, given another role, switched off and removed by those who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from auth.accounts.store.invitations import delete_invitations_by
from auth.api_tokens.usecases.revoke_api_tokens import revoke_all_of
from auth.app import App
from auth.domain.accounts import Account
from auth.domain.errors import AlreadyMember, SessionEnded
from auth.domain.members import Member, check_change, check_grant
from auth.domain.roles import Role
from auth.store.memberships import (
    MemberRow,
    add_member,
    count_active_owners,
    count_members,
    find_member,
    find_member_row,
    list_members,
    remove_member,
    update_member,
)
from auth.store.sessions import all_of
from auth.store.tenants import find_tenant
from auth.usecases.auditing import Doer, audit
from auth.usecases.end_sessions import end_and_tell
from common.contracts.access import MembershipChangedV1
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, UserId, new_id, public_id


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, in which tenant, and whom the audit log names."""

    tenant: TenantId
    user: UserId
    doer: Doer


@dataclass(frozen=True, slots=True)
class MemberChange:
    """None leaves it as it is."""

    role: Role | None
    active: bool | None


async def list_users(app: App, tenant: TenantId, *, after: UUID | None, limit: int) -> Sequence[MemberRow]:
    async with app.db.uow(tenant) as tx:
        return await list_members(tx, after=after, limit=limit)


async def count_users(app: App, tenant: TenantId) -> int:
    async with app.db.uow(tenant) as tx:
        return await count_members(tx)


async def get_user(app: App, tenant: TenantId, user: UserId) -> MemberRow:
    async with app.db.uow(tenant) as tx:
        return await _get(tx, user)


async def change_user(app: App, actor: Actor, user: UserId, change: MemberChange) -> MemberRow:
    async with app.db.uow(actor.tenant) as tx:
        before, now = await _locked(tx, actor, user), app.clock()
        after = Member(
            user,
            before.role if change.role is None else change.role,
            before.active if change.active is None else change.active,
        )
        check_change(await _role_of(tx, actor), before, after, await count_active_owners(tx))
        if after != before:
            await update_member(tx, after, now=now)
            role = after.role.value if after.active else None
            await tx.emit(MembershipChangedV1(user_id=public_id("usr", user), role=role, at=now))
            await _note_change(tx, actor, before, after, now=now)
        if not after.active:
            await end_and_tell(tx, all_of(user), "deactivated", now=now)
            await revoke_all_of(tx, user, "deactivated", by=actor.doer, now=now)
        return await _get(tx, user)


async def remove_user(app: App, actor: Actor, user: UserId) -> None:
    async with app.db.uow(actor.tenant) as tx:
        before, now = await _locked(tx, actor, user), app.clock()
        check_change(await _role_of(tx, actor), before, None, await count_active_owners(tx))
        await remove_member(tx, user)
        await delete_invitations_by(tx, user)
        await audit(tx, "member.removed", by=actor.doer, at=now, target=("user", public_id("usr", user)))
        await tx.emit(MembershipChangedV1(user_id=public_id("usr", user), role=None, at=now))
        await end_and_tell(tx, all_of(user), "removed", now=now)
        await revoke_all_of(tx, user, "removed", by=actor.doer, now=now)


async def new_account(app: App, email: str, name: str | None, password: str) -> Account:
    """Not stored yet: the hash is made before any transaction starts."""
    return Account(
        user=UserId(new_id()),
        email=email,
        name=name or email.partition("@")[0],
        locale="en",
        password_hash=await app.passwords.hash(password),
        disabled=False,
        operator=False,
    )


async def join(tx: Tx, user: UserId, role: Role, *, now: datetime) -> None:
    if not await add_member(tx, user, role, now=now):
        raise AlreadyMember
    await tx.emit(MembershipChangedV1(user_id=public_id("usr", user), role=role.value, at=now))


async def check_may_give(tx: Tx, actor: Actor, role: Role) -> None:
    check_grant(await _role_of(tx, actor), role)


async def member_row(tx: Tx, user: UserId) -> MemberRow:
    return await _get(tx, user)


async def _note_change(tx: Tx, actor: Actor, before: Member, after: Member, *, now: datetime) -> None:
    """Whoever may invite no longer takes back what he had promised."""
    target = ("user", public_id("usr", after.user))
    if not after.active or after.role not in (Role.OWNER, Role.ADMIN):
        await delete_invitations_by(tx, after.user)
    if after.role is not before.role:
        details = {"from": before.role.value, "to": after.role.value}
        await audit(tx, "member.role_changed", by=actor.doer, at=now, target=target, details=details)
    if after.active is not before.active:
        action = "member.activated" if after.active else "member.deactivated"
        await audit(tx, action, by=actor.doer, at=now, target=target)


async def _locked(tx: Tx, actor: Actor, user: UserId) -> Member:
    """Two owners who remove each other come one after the other, so that one of them stays.

    The clock is asked afterwards: a token is as old as the last change, which must not be dated before another.
    """
    await find_tenant(tx, actor.tenant, lock=True)
    member = await find_member(tx, user)
    if member is None:
        raise NotFound
    return member


async def _role_of(tx: Tx, actor: Actor) -> Role:
    """As it is now: the token may be older than a change of role."""
    member = await find_member(tx, actor.user)
    if member is None or not member.active:
        raise SessionEnded
    return member.role


async def _get(tx: Tx, user: UserId) -> MemberRow:
    row = await find_member_row(tx, user)
    if row is None:
        raise NotFound
    return row
