"""What an access token says: who, where, with which rights and until when in, its claims out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from auth.domain.platform import PLATFORM
from auth.domain.seats import Seat
from common.ids import SessionId, UserId, public_id


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, for whom, and for how long."""

    name: str
    audience: str
    life: timedelta


def access_claims(
    issuer: Issuer, seat: Seat, *, user: UserId, session: SessionId, token: UUID, now: datetime
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
    return claims
