"""The signed-in person: who one is and where, and changes of name, language and password."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auth.app import FINDER, App
from auth.domain.accounts import Account, Place
from auth.domain.errors import SessionEnded, WrongCurrentPassword
from auth.domain.passwords import check_new_password
from auth.domain.platform import PLATFORM
from auth.store.accounts import find_account, update_account
from auth.store.memberships import list_places
from auth.usecases.end_sessions import end_own_other_sessions
from common.ids import SessionId, UserId


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
    app: App, user: UserId, session: SessionId, values: dict[str, Any], password: NewPassword | None
) -> Whoami:
    changed = dict(values)
    if password is not None:
        changed["password_hash"] = await _hash_new_password(app, (await get_me(app, user)).account, password)
    if changed:
        async with app.db.uow(PLATFORM) as tx:
            await update_account(tx, user, changed, now=app.clock())
    if password is not None:
        await end_own_other_sessions(app, user, session, "password_changed")
    return await get_me(app, user)


async def _hash_new_password(app: App, account: Account, password: NewPassword) -> str:
    check_new_password(password.new, account.email)
    await app.throttle.take(account.email, password.address)
    if not (await app.passwords.check(password.current, account.password_hash)).ok:
        await app.throttle.failed(password.address)
        raise WrongCurrentPassword
    await app.throttle.succeeded(account.email, password.address)
    return await app.passwords.hash(password.new)
