"""What an access token says: who, where, with which rights and until when in, its claims out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from auth.domain.platform import PLATFORM
from auth.domain.seats import Seat
from common.ids import SessionId, TokenId, UserId, public_id


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, for whom, and for how long."""

    name: str
    audience: str
    life: timedelta


@dataclass(frozen=True, slots=True)
class Bearing:
    """How the token will be borne: in a cookie with the claim of its CSRF token, or on behalf of an API token."""

    csrf: str | None = None
    api_token: TokenId | None = None


def access_claims(
    issuer: Issuer,
    seat: Seat,
    *,
    user: UserId,
    session: SessionId,
    token: UUID,
    now: datetime,
    bearing: Bearing = Bearing(),
) -> dict[str, Any]:
    """A platform operator's token names no tenant, so no door to a tenant's data opens for it."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer.name,
        "aud": issuer.audience,
        "sub": public_id("usr", user),
        "scopes": sorted(seat.scopes),
        "role": seat.role,
        "sid": public_id("ses", session),
        "jti": public_id("tok", token),
        "iat": issued,
        "exp": issued + int(issuer.life.total_seconds()),
    }
    if seat.tenant != PLATFORM:
        claims["tenant"] = public_id("ten", seat.tenant)
    if seat.as_of is not None:
        claims["ver"] = microseconds(seat.as_of)
    if bearing.csrf is not None:
        claims["csrf"] = bearing.csrf
    if bearing.api_token is not None:
        claims["api_token"] = public_id("tok", bearing.api_token)
    return claims


def microseconds(at: datetime) -> int:
    """Since 1970 and exact, so that a token is as old as the row that it was made of, whatever the clocks say."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond
