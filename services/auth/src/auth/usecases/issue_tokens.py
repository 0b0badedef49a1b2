"""Opens sessions and signs access tokens: a person and a seat in, what the client receives out."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from auth.app import App
from auth.domain.accounts import Origin, Session
from auth.domain.claims import Bearing, Issuer, access_claims
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
from common.web.credentials import csrf_claim


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
    csrf: str | None = None  # set when the tokens are made to be cookies


async def open_session(tx: Tx, user: UserId, origin: Origin, *, now: datetime, method: str) -> Line:
    """In the tenant of the transaction; what was read about the person before it is asked again under a lock."""
    seat = await find_seat(tx, user)
    if seat is None:
        raise NoMembership
    first_end = next_expiry(now, seat.idle, now + seat.life)
    session = Session(
        tenant=seat.tenant,
        session=SessionId(new_id()),
        user=user,
        device=origin.device,
        address=origin.address,
        created=now,
        last_used=now,
        expires=now + seat.life,
        idle_until=first_end,
        method=method,
    )
    line = Line(user, session.session, seat, first_token(), first_end)
    await add_session(tx, session)
    await add_family(tx, line.session, line.refresh_token, expires_at=line.refresh_expires, now=now)
    return line


async def issue_tokens(app: App, line: Line, *, now: datetime, cookie: bool = False) -> Issued:
    """Signs after the transaction, so that no lock waits for a signature."""
    tokens = app.settings.tokens
    issuer = Issuer(tokens.issuer, tokens.audience, app.settings.access_token_life)
    csrf = csrf_token(app, line.session) if cookie else None
    bearing = Bearing(csrf=None if csrf is None else csrf_claim(csrf))
    claims = access_claims(
        issuer, line.seat, user=line.user, session=line.session, token=new_id(), now=now, bearing=bearing
    )
    return Issued(
        line,
        access_token=sign(claims, await current_key(app)),
        expires_in=claims["exp"] - claims["iat"],
        refresh_expires_in=int((line.refresh_expires - now).total_seconds()),
        csrf=csrf,
    )


def csrf_token(app: App, session: SessionId) -> str:
    """The same for the whole session, so that two tabs that refresh at once do not take it from each other."""
    secret = app.settings.internal.secret.get_secret_value().encode()
    made = hmac.new(secret, b"csrf token of a session" + session.bytes, hashlib.sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()
