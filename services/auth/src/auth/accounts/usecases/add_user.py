"""Adds a person to a tenant: with an account of one's own making only for an address that nobody has, else invited."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from auth.accounts.store.invitations import Invitation
from auth.accounts.usecases.invite import ask_permit, invite
from auth.app import FINDER, App
from auth.domain.accounts import Account
from auth.domain.errors import AlreadyMember
from auth.domain.passwords import check_new_password
from auth.domain.roles import Role
from auth.store.accounts import find_account_by_email, get_or_add_account
from auth.store.memberships import MemberRow
from auth.store.tenants import find_tenant
from auth.usecases.answer_once import answer_once
from auth.usecases.auditing import audit
from auth.usecases.manage_members import Actor, check_may_give, join, member_row, new_account
from common.db.idempotency import IdempotentRequest, KeptAnswer
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import public_id


@dataclass(frozen=True, slots=True)
class NewUser:
    """Name and password are used only when there is no account for the address yet."""

    email: str
    name: str | None
    role: Role
    password: str | None


async def add_user(
    app: App,
    actor: Actor,
    new: NewUser,
    request: IdempotentRequest | None,
    answer: Callable[[MemberRow | Invitation], KeptAnswer],
) -> KeptAnswer:
    """An admin can neither set nor learn anything of a person who has an account: that person is asked by a mail."""
    account = await _new_account(app, actor, new)
    permit = None if account is not None else await ask_permit(app, new.email)
    now = app.clock()

    async def write(tx: Tx) -> KeptAnswer:
        await check_may_give(tx, actor, new.role)
        if account is not None and (await get_or_add_account(tx, account, now=now)).user == account.user:
            return answer(await _joined(tx, actor, account, new.role, now=now))
        if permit is None:
            raise AlreadyMember  # somebody took this address in this very moment
        return answer(await invite(tx, app, actor.doer, new.email, new.role, permit=permit, now=now))

    return await answer_once(app, actor.tenant, request, write)


async def _new_account(app: App, actor: Actor, new: NewUser) -> Account | None:
    """None for a person who has one, and when no password was given: then an invitation goes out."""
    if new.password is None:
        return None
    async with app.db.uow_for_all_tenants("a new member may have an account already", role=FINDER) as across:
        known = await find_account_by_email(across, new.email)
        tenant = await find_tenant(across, actor.tenant)
    if tenant is None:
        raise NotFound
    if known is not None:
        return None
    check_new_password(new.password, new.email, new.name or "", tenant.name, tenant.slug)
    return await new_account(app, new.email, new.name, new.password)


async def _joined(tx: Tx, actor: Actor, account: Account, role: Role, *, now: datetime) -> MemberRow:
    await join(tx, account.user, role, now=now)
    target = ("user", public_id("usr", account.user))
    await audit(tx, "member.joined", by=actor.doer, at=now, target=target, details={"role": role.value})
    return await member_row(tx, account.user)
