"""Where a signed-in person acts: the account, its places and what was asked for in, a seat with its rights out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auth.domain.accounts import Account, Place, Session
from auth.domain.errors import AccountDisabled, NoMembership
from auth.domain.platform import PLATFORM
from auth.domain.roles import OPERATOR_ROLE, OPERATOR_SCOPES, scopes_of
from common.ids import TenantId, public_id


@dataclass(frozen=True, slots=True)
class Seat:
    """A tenant (or the platform), the rights there, and how long a session there may last."""

    tenant: TenantId
    role: str
    scopes: frozenset[str]
    idle: timedelta
    life: timedelta
    as_of: datetime | None = None  # when the rights of the member were last changed


OPERATOR_SEAT = Seat(PLATFORM, OPERATOR_ROLE, OPERATOR_SCOPES, idle=timedelta(hours=12), life=timedelta(days=7))


def seat_in(place: Place) -> Seat:
    tenant = place.tenant
    return Seat(tenant.tenant, place.role.value, scopes_of(place.role), tenant.session_idle, tenant.session_life)


def choose_seat(account: Account, places: Sequence[Place], wanted: str | None) -> Seat:
    """`wanted` is a slug or an id; without it operators get the platform, and members the tenant they joined first."""
    if account.disabled:
        raise AccountDisabled
    if wanted is None:
        if account.operator:
            return OPERATOR_SEAT
        if places:
            return seat_in(places[0])
    for place in places:
        if wanted in (place.tenant.slug, public_id("ten", place.tenant.tenant)):
            return seat_in(place)
    raise NoMembership


def session_end(session: Session, seat: Seat, now: datetime) -> datetime:
    """When the session ends at the latest: a tenant that shortens its times shortens sessions that run already."""
    if now - session.last_used >= seat.idle:
        return now
    return min(session.expires, session.created + seat.life)
