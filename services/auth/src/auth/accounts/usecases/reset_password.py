"""A lost password: an address in, the same answer for everybody; the link of the mail in, a new password set."""

from auth.accounts.domain.errors import ResetExpired, ResetInvalid
from auth.accounts.domain.mails import MAIL_LIFE, Mail, MailKind
from auth.accounts.store.resets import Reset, find_reset, take_reset
from auth.accounts.usecases.end_everywhere import end_everywhere
from auth.accounts.usecases.post_mail import post_mail, tell_of_new_password
from auth.api_tokens.usecases.revoke_api_tokens import revoke_all_of
from auth.app import FINDER, App
from auth.domain.accounts import Account, Origin
from auth.domain.errors import TooManyTries
from auth.domain.passwords import check_new_password
from auth.domain.platform import PLATFORM
from auth.store.accounts import find_account, update_account
from auth.store.memberships import list_places
from auth.usecases.auditing import NOBODY, audit, person
from common.ids import public_id


async def ask_for_reset(app: App, email: str, locale: str, origin: Origin) -> None:
    """The same work whether or not there is an account: that is found out by the sender of mails."""
    wait = await app.throttle.spare_resets(origin.address)
    if wait is not None:
        raise TooManyTries(retry_after=wait)
    enough = await app.throttle.spare_mail(email) is not None
    now = app.clock()
    async with app.db.uow(PLATFORM) as tx:
        await audit(tx, "password.reset_asked", by=NOBODY, at=now)
        if not enough:
            await post_mail(tx, app, Mail(MailKind.RESET_ASKED, email, locale, now + MAIL_LIFE), now=now)


async def check_reset(app: App, token: str) -> None:
    """Whether a page with this link may ask for a password; uses nothing up."""
    await _find(app, token)


async def reset_password(app: App, token: str, password: str) -> None:
    """Sessions end before the password changes and again after it: none slips in between, none survives a crash."""
    reset = await _find(app, token)
    async with app.db.uow_for_all_tenants("a new password knows whose names to refuse", role=FINDER) as across:
        account = await find_account(across, reset.user)
        places = await list_places(across, reset.user)
    if account is None or account.disabled:
        raise ResetInvalid
    check_new_password(password, account.email, account.name, *(place.tenant.name for place in places))
    hashed = await app.passwords.hash(password)
    await end_everywhere(app, account.user, "password_changed")
    await _set(app, token, account, hashed)
    await end_everywhere(app, account.user, "password_changed")
    await app.throttle.forgive(account.email)
    now, target = app.clock(), ("user", public_id("usr", account.user))
    for place in places:
        async with app.db.uow(place.tenant.tenant) as tx:
            # Whoever could read the mailbox or knew the password may have made tokens for later.
            await revoke_all_of(tx, account.user, "password_changed", by=person(account.user, tx.tenant), now=now)
            await audit(tx, "password.reset", by=person(account.user, place.tenant.tenant), at=now, target=target)


async def _set(app: App, token: str, account: Account, hashed: str) -> None:
    now = app.clock()
    async with app.db.uow(PLATFORM) as tx:
        if not await take_reset(tx, token):
            raise ResetInvalid
        await update_account(tx, account.user, {"password_hash": hashed, "email_verified_at": now}, now=now)
        await audit(tx, "password.reset", by=NOBODY, at=now, target=("user", public_id("usr", account.user)))
        await tell_of_new_password(tx, app, account, now=now)


async def _find(app: App, token: str) -> Reset:
    async with app.db.uow(PLATFORM) as tx:
        reset = await find_reset(tx, token)
    if reset is None:
        raise ResetInvalid
    if app.clock() >= reset.expires:
        raise ResetExpired
    return reset
