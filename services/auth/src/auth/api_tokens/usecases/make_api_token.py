"""API tokens are made, replaced and approved: a member and his wish in, a token and (once) its text out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from auth.api_tokens.domain.api_tokens import (
    ApiToken,
    TokenRules,
    check_rotation,
    check_scopes,
    check_unlimited,
    end_of_new,
    end_of_overlap,
    end_of_successor,
)
from auth.api_tokens.domain.errors import TokenEnded, TooManyTokens
from auth.api_tokens.store.api_tokens import (
    add_api_token,
    count_usable_api_tokens,
    find_api_token,
    update_api_token,
)
from auth.app import App
from auth.domain.errors import NoTenant, SessionEnded
from auth.domain.platform import PLATFORM
from auth.domain.roles import Role
from auth.usecases.auditing import Doer, audit
from auth.usecases.find_seat import find_seat
from common.db.tenant_settings import settings_in
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import TenantId, TokenId, UserId, new_id, public_id
from common.web.api_tokens import API_TOKEN_PREFIX, new_api_token

_MOST = 100
_HINT = len(API_TOKEN_PREFIX) + 4


@dataclass(frozen=True, slots=True)
class Maker:
    """Who asks: a signed-in member, with the scopes of his own token."""

    tenant: TenantId
    user: UserId
    scopes: frozenset[str]
    doer: Doer


@dataclass(frozen=True, slots=True)
class Wish:
    """`life` is None for the default."""

    name: str
    scopes: frozenset[str]
    life: timedelta | None
    unlimited: bool


@dataclass(frozen=True, slots=True)
class Made:
    """The text is shown now and never again."""

    token: ApiToken
    text: str


async def make_api_token(app: App, maker: Maker, wish: Wish) -> Made:
    now = app.clock()
    async with app.db.uow(_tenant(maker)) as tx:
        rules = await _rules(app, tx, maker)
        check_scopes(wish.scopes, rules)
        if await count_usable_api_tokens(tx, maker.user, now=now) >= _MOST:
            raise TooManyTokens
        ends = end_of_new(wish.life, unlimited=wish.unlimited, now=now, rules=rules)
        made = await _add(tx, maker.user, wish.name, wish.scopes, ends, now)
        details = {"scopes": " ".join(sorted(wish.scopes)), "unlimited": "yes" if ends is None else "no"}
        await audit(tx, "token.created", by=maker.doer, at=now, target=_target(made.token), details=details)
    return made


async def rotate_api_token(app: App, maker: Maker, token: TokenId, overlap: timedelta) -> Made:
    """The successor takes over at once; the old one goes on for `overlap`, so that no machine stands still."""
    now = app.clock()
    async with app.db.uow(_tenant(maker)) as tx:
        before = await find_api_token(tx, token, lock=True)
        if before is None or before.user != maker.user:
            raise NotFound
        check_rotation(before, now)
        rules = await _rules(app, tx, maker)
        check_scopes(before.scopes, rules)
        ends = end_of_successor(before, now=now, rules=rules)
        made = await _add(tx, before.user, before.name, before.scopes, ends, now)
        old_ends = end_of_overlap(before, overlap, now)
        await update_api_token(tx, token, replaced_by=made.token.token, expires_at=old_ends)
        details = {"successor": public_id("tok", made.token.token)}
        await audit(tx, "token.rotated", by=maker.doer, at=now, target=_target(before), details=details)
    return made


async def approve_unlimited(app: App, maker: Maker, token: TokenId) -> ApiToken:
    """An owner lets a member's token last without an end; doing it again changes nothing."""
    now = app.clock()
    async with app.db.uow(_tenant(maker)) as tx:
        check_unlimited(await _rules(app, tx, maker))
        found = await find_api_token(tx, token, lock=True)
        if found is None:
            raise NotFound
        if found.expires is None and found.revoked is None:
            return found
        if not found.is_usable(now) or found.replaced_by is not None:
            raise TokenEnded
        await update_api_token(tx, token, expires_at=None)
        await audit(tx, "token.approved", by=maker.doer, at=now, target=_target(found))
    return replace(found, expires=None)


async def _add(tx: Tx, user: UserId, name: str, scopes: frozenset[str], ends: datetime | None, now: datetime) -> Made:
    text = new_api_token()
    token = ApiToken(tx.tenant, TokenId(new_id()), user, name, text[:_HINT], scopes, now, ends)
    await add_api_token(tx, token, text)
    return Made(token, text)


async def _rules(app: App, tx: Tx, maker: Maker) -> TokenRules:
    """The role as it is now and the scopes of the session: a narrower session makes no wider token."""
    seat = await find_seat(tx, maker.user)
    if seat is None:
        raise SessionEnded
    wanted = (await settings_in(tx)).api_tokens
    most = timedelta(days=min(wanted.max_days, app.settings.tenants.most_token_days))
    return TokenRules(most, wanted.unlimited_by_owner, Role(seat.role), seat.scopes & maker.scopes)


def _tenant(maker: Maker) -> TenantId:
    if maker.tenant == PLATFORM:
        raise NoTenant
    return maker.tenant


def _target(token: ApiToken) -> tuple[str, str]:
    return "token", public_id("tok", token.token)
