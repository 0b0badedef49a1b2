"""An API token in, an access token of a few minutes out, with what the token and its member's role both allow."""

from dataclasses import dataclass, replace
from datetime import datetime

from auth.api_tokens.domain.api_tokens import ApiToken, access_life
from auth.api_tokens.store.api_tokens import (
    find_api_token_by_text,
    find_tenant_of_api_token,
    update_api_token,
)
from auth.app import FINDER, App
from auth.domain.claims import Bearing, Issuer, access_claims
from auth.domain.seats import Seat
from auth.outbound.signing import sign
from auth.usecases.find_seat import find_seat
from auth.usecases.rotate_signing_keys import current_key
from common.db.unit_of_work import Tx
from common.errors import TokenExpired, TokenRevoked, Unauthenticated
from common.ids import SessionId, new_id
from common.web.api_tokens import is_api_token


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What the asking service keeps."""

    access_token: str
    expires_in: int


async def exchange_api_token(app: App, text: str, address: str) -> Exchanged:
    """A wrong one is counted against the client's address; a mistyped one costs nobody a question."""
    if not is_api_token(text):
        raise Unauthenticated
    await app.throttle.check_address(address)
    async with app.db.uow_for_all_tenants("find the tenant of an API token", role=FINDER) as across:
        tenant = await find_tenant_of_api_token(across, text)
    if tenant is None:
        await app.throttle.failed_guess(address)
        raise Unauthenticated
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        token, seat = await _usable(tx, text, now)
    return await _issue(app, token, seat, now)


async def _usable(tx: Tx, text: str, now: datetime) -> tuple[ApiToken, Seat]:
    token = await find_api_token_by_text(tx, text)
    if token is None:
        raise Unauthenticated
    if token.revoked is not None:
        raise TokenRevoked
    if token.has_expired(now):
        raise TokenExpired
    seat = await find_seat(tx, token.user)
    if seat is None:
        raise Unauthenticated
    if token.use_is_news(now):
        await update_api_token(tx, token.token, last_used_at=now)
    return token, seat


async def _issue(app: App, token: ApiToken, seat: Seat, now: datetime) -> Exchanged:
    tokens = app.settings.tokens
    life = min(access_life(token, now), app.settings.access_token_life)
    claims = access_claims(
        Issuer(tokens.issuer, tokens.audience, life),
        replace(seat, scopes=seat.scopes & token.scopes),
        user=token.user,
        session=SessionId(token.token),
        token=new_id(),
        now=now,
        bearing=Bearing(api_token=token.token),
    )
    return Exchanged(sign(claims, await current_key(app)), claims["exp"] - claims["iat"])
