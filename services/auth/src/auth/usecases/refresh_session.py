"""A refresh token in, its successor and a fresh access token out; a token used again ends its family."""

import secrets
from datetime import datetime

import structlog

from auth.app import FINDER, App
from auth.domain.accounts import Origin, Session
from auth.domain.errors import RefreshTokenInvalid
from auth.domain.families import Verdict, judge, next_expiry, successor_of
from auth.domain.seats import Seat, session_end
from auth.metrics import REFRESHES
from auth.store.refresh_families import FamilyRow, find_session_of_token, find_tenant_of_token, get_family, rotate
from auth.store.sessions import lock_session, this, touch_session
from auth.usecases.auditing import NOBODY
from auth.usecases.end_sessions import end_and_tell
from auth.usecases.find_seat import find_seat
from auth.usecases.issue_tokens import Issued, Line, issue_tokens
from common.db.unit_of_work import Tx
from common.ids import public_id

log = structlog.get_logger(__name__)


async def refresh_session(app: App, token: str, origin: Origin, *, cookie: bool = False) -> Issued:
    async with app.db.uow_for_all_tenants("find the tenant of a refresh token", role=FINDER) as across:
        tenant = await find_tenant_of_token(across, token)
    if tenant is None:
        raise RefreshTokenInvalid
    now = app.clock()
    async with app.db.uow(tenant) as tx:
        line = await _exchange(tx, token, origin, now)
    # Refused only here, after the commit: a family that was revoked just now must stay so.
    if line is None:
        raise RefreshTokenInvalid
    return await issue_tokens(app, line, now=now, cookie=cookie)


async def _exchange(tx: Tx, token: str, origin: Origin, now: datetime) -> Line | None:
    session_id = await find_session_of_token(tx, token)
    session = None if session_id is None else await lock_session(tx, session_id)
    if session is None or not session.is_alive(now):
        return None
    row = await get_family(tx, token)
    verdict = judge(row.family, row.token, now)
    REFRESHES.labels(verdict.name.lower()).inc()
    if verdict is Verdict.REVOKE:
        await end_and_tell(tx, this(session.session), "refresh_reused", now=now, by=NOBODY)
        log.warning("refresh_token_reused", session=public_id("ses", session.session))
    if verdict not in (Verdict.ROTATE, Verdict.REPEAT):
        return None
    seat = await find_seat(tx, session.user)
    if seat is None:
        await end_and_tell(tx, this(session.session), "deactivated", now=now)
        return None
    end = session_end(session, seat, now)
    if end <= now:
        await end_and_tell(tx, this(session.session), "expired", now=now)
        return None
    if verdict is Verdict.REPEAT:
        return _repeat(row, token, session, seat)
    line = await _rotate(tx, row, token, session, seat, end, now)
    await touch_session(tx, session.session, origin.address, idle_until=line.refresh_expires, now=now)
    return line


async def _rotate(
    tx: Tx, row: FamilyRow, token: str, session: Session, seat: Seat, end: datetime, now: datetime
) -> Line:
    salt = secrets.token_bytes(32)
    successor = successor_of(token, salt)
    expires = next_expiry(now, seat.idle, end)
    await rotate(tx, row, token, successor, salt=salt, expires_at=expires, now=now)
    return Line(session.user, session.session, seat, successor, expires)


def _repeat(row: FamilyRow, token: str, session: Session, seat: Seat) -> Line | None:
    if row.salt is None:
        return None
    return Line(session.user, session.session, seat, successor_of(token, row.salt), row.family.expires_at)
