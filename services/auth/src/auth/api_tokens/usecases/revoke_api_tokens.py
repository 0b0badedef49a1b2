"""API tokens are seen and end: whose in, events out for everybody who holds access tokens made of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from auth.api_tokens.domain.api_tokens import ApiToken
from auth.api_tokens.store.api_tokens import (
    find_api_token,
    list_api_tokens,
    lock_usable_api_tokens,
    update_api_token,
)
from auth.app import App
from auth.usecases.auditing import Doer, audit
from common.contracts.access import SessionEndedV1
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, TokenId, UserId, public_id

Reason = Literal["token_revoked", "password_changed", "deactivated", "removed", "tenant_suspended", "tenant_deleted"]


async def list_tokens(
    app: App, tenant: TenantId, user: UserId | None, *, before: UUID | None, limit: int
) -> Sequence[ApiToken]:
    """Of one member, or (None) of the whole tenant."""
    async with app.db.uow(tenant) as tx:
        return await list_api_tokens(tx, user, before=before, limit=limit)


async def revoke_token(app: App, tenant: TenantId, token: TokenId, *, of: UserId | None, by: Doer) -> None:
    """Of one member's own, or (None) of anybody's; revoking twice is no error and told once."""
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        found = await find_api_token(tx, token, lock=True)
        if found is None or of not in (None, found.user):
            raise NotFound
        if found.revoked is None:
            await _revoke(tx, found, "token_revoked", by=by, now=now)


async def revoke_tokens(app: App, tenant: TenantId, *, of: UserId | None, by: Doer) -> None:
    """All of one member, or (None) all of the tenant."""
    async with app.db.uow(tenant) as tx:
        await revoke_all_of(tx, of, "token_revoked", by=by, now=app.clock())


async def revoke_all_of(tx: Tx, user: UserId | None, reason: Reason, *, by: Doer, now: datetime) -> None:
    """In the transaction of what makes them end, so that no token outlives its member in silence."""
    for token in await lock_usable_api_tokens(tx, user, now=now):
        await _revoke(tx, token, reason, by=by, now=now)


async def silence_all(tx: Tx, reason: Reason, *, now: datetime) -> None:
    """Access tokens made of them stop now; the API tokens stay, for a tenant that may be resumed."""
    for token in await lock_usable_api_tokens(tx, None, now=now):
        await tx.emit(_ended(token, reason, now))


async def _revoke(tx: Tx, token: ApiToken, reason: Reason, *, by: Doer, now: datetime) -> None:
    await update_api_token(tx, token.token, revoked_at=now, revoke_reason=reason)
    await tx.emit(_ended(token, reason, now))
    target = ("token", public_id("tok", token.token))
    await audit(tx, "token.revoked", by=by, at=now, target=target, details={"reason": reason})


def _ended(token: ApiToken, reason: Reason, now: datetime) -> SessionEndedV1:
    """The access tokens name the API token as their session, so that whoever heeds sessions heeds it too."""
    session = public_id("ses", token.token)
    return SessionEndedV1(user_id=public_id("usr", token.user), session_id=session, reason=reason, at=now)
