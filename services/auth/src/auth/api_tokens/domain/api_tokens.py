"""How long an API token lasts and what it lets through: the token, the member and the tenant's rules in, values out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.api_tokens.domain.errors import TokenEnded, TokenTooLong, UnlimitedByOwner
from auth.domain.roles import Role
from common.errors import ScopeMissing
from common.ids import TenantId, TokenId, UserId

DEFAULT_LIFE = timedelta(days=90)
#: What an exchange gives lasts no longer, so that a lost revocation is bounded by it.
ACCESS_LIFE = timedelta(minutes=5)
#: Writing down each use would make a write of every read.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept; `expires` is None for one without an end."""

    tenant: TenantId
    token: TokenId
    user: UserId
    name: str
    hint: str
    scopes: frozenset[str]
    created: datetime
    expires: datetime | None
    last_used: datetime | None = None
    revoked: datetime | None = None
    replaced_by: TokenId | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires

    def is_usable(self, now: datetime) -> bool:
        return self.revoked is None and not self.has_expired(now)

    def use_is_news(self, now: datetime) -> bool:
        return self.last_used is None or now - self.last_used >= USE_NOTED_EVERY


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What the tenant (within the operator's bounds) and the member's role allow."""

    most: timedelta
    unlimited_by_owner: bool
    role: Role
    scopes: frozenset[str]

    @property
    def may_be_unlimited(self) -> bool:
        return self.unlimited_by_owner and self.role is Role.OWNER


def check_scopes(wanted: Collection[str], rules: TokenRules) -> None:
    """Nobody hands out what he has not; the tenant's own scopes never include the operator's."""
    for scope in sorted(wanted):
        if scope not in rules.scopes:
            raise ScopeMissing(detail=f"You lack the scope {scope} yourself.", extra={"scope": scope})


def check_unlimited(rules: TokenRules) -> None:
    if not rules.may_be_unlimited:
        raise UnlimitedByOwner


def end_of_new(wanted: timedelta | None, *, unlimited: bool, now: datetime, rules: TokenRules) -> datetime | None:
    if unlimited:
        check_unlimited(rules)
        return None
    if wanted is None:
        return now + min(DEFAULT_LIFE, rules.most)
    if wanted > rules.most:
        raise TokenTooLong(extra={"max_days": rules.most.days})
    return now + wanted


def end_of_successor(before: ApiToken, *, now: datetime, rules: TokenRules) -> datetime | None:
    """As long as the first one lasted, but never longer than the tenant allows today."""
    if before.expires is None and rules.unlimited_by_owner:
        return None
    life = DEFAULT_LIFE if before.expires is None else before.expires - before.created
    return now + min(life, rules.most)


def check_rotation(before: ApiToken, now: datetime) -> None:
    """A token has one successor; what is over has none."""
    if not before.is_usable(now) or before.replaced_by is not None:
        raise TokenEnded


def end_of_overlap(before: ApiToken, overlap: timedelta, now: datetime) -> datetime:
    """Rotating never gives the old token more time than it had."""
    return now + overlap if before.expires is None else min(before.expires, now + overlap)


def access_life(token: ApiToken, now: datetime) -> timedelta:
    """The access token never outlives the API token by more than a second."""
    left = ACCESS_LIFE if token.expires is None else min(ACCESS_LIFE, token.expires - now)
    return max(left, timedelta(seconds=1))
