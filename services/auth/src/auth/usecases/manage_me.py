"""The signed-in person: who one is and where, and changes of name, language and password."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auth.accounts.store.resets import forget_resets
from auth.accounts.usecases.end_everywhere import end_everywhere
from auth.accounts.usecases.post_mail import tell_of_new_password
from auth.app import FINDER, App
from auth.domain.accounts import Account, Place
from auth.domain.errors import SessionEnded, WrongCurrentPassword
from auth.domain.passwords import check_new_password
from auth.domain.platform import PLATFORM
from auth.federation.domain.errors import BoundToTenant
from auth.store.accounts import find_account, update_account
from auth.store.memberships import list_places
from auth.usecases.auditing import audit, person
from common.ids import SessionId, TenantId, UserId, public_id


@dataclass(frozen=True, slots=True)
class Whoami:
    """A person and the tenants that stand open."""

    account: Account
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Both are needed: a stolen access token alone must not take over the account."""

    current: str
    new: str
    address: str


async def get_me(app: App, user: UserId) -> Whoami:
    async with app.db.uow_for_all_tenants("a person sees the own tenants", role=FINDER) as across:
        account = await find_account(across, user)
        places = await list_places(across, user)
    if account is None:
        raise SessionEnded
    return Whoami(account, places)


async def change_me(
    app: App,
    user: UserId,
    tenant: TenantId,
    session: SessionId,
    values: dict[str, Any],
    password: NewPassword | None,
    *,
    bound: bool = False,
) -> Whoami:
    """Name and language show in every tenant: one tenant's provider changes them only for whoever has no password."""
    if bound and values and (await get_me(app, user)).account.password_hash is not None:
        raise BoundToTenant
    if password is not None:
        await _change_password(app, user, tenant, session, password)
    if values:
        async with app.db.uow(PLATFORM) as tx:
            await update_account(tx, user, values, now=app.clock())
    return await get_me(app, user)


async def _change_password(app: App, user: UserId, tenant: TenantId, session: SessionId, password: NewPassword) -> None:
    """Links to a new password that were asked for before open nothing any more."""
    me = await get_me(app, user)
    hashed = await _hash_new_password(app, me, password)
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        await update_account(tx, user, {"password_hash": hashed}, now=now)
        await forget_resets(tx, user)
        by, target = person(user, tenant, session), ("user", public_id("usr", user))
        await audit(tx, "password.changed", by=by, at=now, target=target)
        await tell_of_new_password(tx, app, me.account, now=now)
    await end_everywhere(app, user, "password_changed", but=session)


async def _hash_new_password(app: App, me: Whoami, password: NewPassword) -> str:
    account = me.account
    check_new_password(password.new, account.email, account.name, *(place.tenant.name for place in me.places))
    await app.throttle.take(account.email, password.address)
    if not (await app.passwords.check(password.current, account.password_hash)).ok:
        await app.throttle.failed(account.email, password.address)
        raise WrongCurrentPassword
    await app.throttle.succeeded(account.email, password.address)
    return await app.passwords.hash(password.new)
