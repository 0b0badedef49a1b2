"""Whether a verified caller may still act: the tables are asked, so that what ended or changed counts at once."""

from auth.api_tokens.store.api_tokens import find_api_token
from auth.app import App
from auth.domain.claims import microseconds
from auth.domain.errors import SessionEnded
from auth.domain.platform import PLATFORM
from auth.domain.sign_in_steps import UNBOUND
from auth.store.memberships import find_member
from auth.store.sessions import find_session
from common.db.unit_of_work import Tx
from common.errors import TokenExpired, TokenOutdated, TokenRevoked
from common.ids import SessionId, TenantId, TokenId, UserId


async def check_caller(
    app: App, tenant: TenantId, user: UserId, session: SessionId, *, as_of: int = 0, api_token: TokenId | None = None
) -> bool:
    """Whether the caller is bound to this tenant; raises why not to let him act: a child of `Unauthenticated`."""
    bound = api_token is not None
    async with app.db.uow(tenant) as tx:
        if api_token is None:
            found = await find_session(tx, session)
            if found is None or not found.is_alive(app.clock()):
                raise SessionEnded
            bound = found.method not in UNBOUND
        else:
            await _check_api_token(app, tx, api_token)
        if tenant == PLATFORM:
            return bound
        member = await find_member(tx, user)
    if member is None or not member.active:
        raise SessionEnded
    if member.changed is not None and as_of < microseconds(member.changed):
        raise TokenOutdated
    return bound


async def _check_api_token(app: App, tx: Tx, token: TokenId) -> None:
    found = await find_api_token(tx, token)
    if found is None or found.revoked is not None:
        raise TokenRevoked
    if found.has_expired(app.clock()):
        raise TokenExpired
