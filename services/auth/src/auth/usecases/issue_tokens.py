"""Opens sessions and signs access tokens: a person and a seat in, what the client receives out."""

from dataclasses import dataclass
from datetime import datetime

from auth.app import App
from auth.domain.accounts import Origin, Session
from auth.domain.claims import Issuer, access_claims
from auth.domain.errors import NoMembership
from auth.domain.families import first_token, next_expiry
from auth.domain.seats import Seat
from auth.outbound.signing import sign
from auth.store.refresh_families import add_family
from auth.store.sessions import add_session
from auth.usecases.find_seat import find_seat
from auth.usecases.rotate_signing_keys import current_key
from common.db.unit_of_work import Tx
from common.ids import SessionId, UserId, new_id


@dataclass(frozen=True, slots=True)
class Line:
    """A session's living refresh token."""

    user: UserId
    session: SessionId
    seat: Seat
    refresh_token: str
    refresh_expires: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A pair of tokens, as the door hands it out."""

    line: Line
    access_token: str
    expires_in: int
    refresh_expires_in: int


async def open_session(tx: Tx, user: UserId, origin: Origin, *, now: datetime, method: str) -> Line:
    """In the tenant of the transaction; what was read about the person before it is asked again under a lock."""
    seat = await find_seat(tx, user)
    if seat is None:
        raise NoMembership
    session = Session(
        tenant=seat.tenant,
        session=SessionId(new_id()),
        user=user,
        device=origin.device,
        address=origin.address,
        created=now,
        last_used=now,
        expires=now + seat.life,
        method=method,
    )
    line = Line(user, session.session, seat, first_token(), next_expiry(now, seat.idle, session.expires))
    await add_session(tx, session)
    await add_family(tx, line.session, line.refresh_token, expires_at=line.refresh_expires, now=now)
    return line


async def issue_tokens(app: App, line: Line, *, now: datetime) -> Issued:
    """Signs after the transaction, so that no lock waits for a signature."""
    tokens = app.settings.tokens
    issuer = Issuer(tokens.issuer, tokens.audience, app.settings.access_token_life)
    claims = access_claims(issuer, line.seat, user=line.user, session=line.session, token=new_id(), now=now)
    return Issued(
        line,
        access_token=sign(claims, await current_key(app)),
        expires_in=claims["exp"] - claims["iat"],
        refresh_expires_in=int((line.refresh_expires - now).total_seconds()),
    )
