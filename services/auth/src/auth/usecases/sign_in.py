"""E-mail and password in, a new session's tokens out; nobody learns from a refusal whether an account exists."""

from auth.app import FINDER, App
from auth.domain.accounts import Origin
from auth.domain.errors import WrongCredentials
from auth.domain.platform import PLATFORM
from auth.domain.sign_in_steps import Factor, Proved
from auth.store.accounts import find_account_by_email, replace_password_hash
from auth.store.memberships import list_places
from auth.usecases.complete_sign_in import complete_sign_in, record_refusal
from auth.usecases.issue_tokens import Issued
from common.db.unit_of_work import Tx
from common.ids import UserId

_NOBODY = UserId(PLATFORM)


async def sign_in(
    app: App, email: str, password: str, wanted: str | None, origin: Origin, *, cookie: bool = False
) -> Issued:
    await app.throttle.take(email, origin.address)
    async with app.db.uow_for_all_tenants("sign-in finds the person and the tenants", role=FINDER) as across:
        account = await find_account_by_email(across, email)
        # The same two questions for an unknown address, so that both take the same time.
        places = await list_places(across, account.user if account else _NOBODY)
    checked = await app.passwords.check(password, account.password_hash if account else None)
    if account is None or account.password_hash is None or not checked.ok:
        await app.throttle.failed(email, origin.address)
        await record_refusal(app, WrongCredentials(), Factor.PASSWORD, account=account, places=places, at=app.clock())
        raise WrongCredentials
    await app.throttle.succeeded(email, origin.address)

    async def keep_rehashed(tx: Tx) -> None:
        if checked.rehashed is not None and account.password_hash is not None:
            await replace_password_hash(tx, account.user, account.password_hash, checked.rehashed)

    proved = Proved(account, (Factor.PASSWORD,))
    return await complete_sign_in(app, proved, places, wanted, origin, also=keep_rehashed, cookie=cookie)
