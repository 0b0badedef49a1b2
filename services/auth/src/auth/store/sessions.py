"""Sessions: rows of `auth.sessions`; ending one revokes its refresh family in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from auth.domain.accounts import Session
from auth.store.tables import refresh_families, sessions
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import SessionId, TenantId, UserId

#: Which of a tenant's sessions are meant; made by `this`, `all_of` and `of_everybody`.
Which = ColumnElement[bool]


async def add_session(tx: Tx, session: Session) -> None:
    values = {
        "session_id": session.session,
        "user_id": session.user,
        "device": session.device,
        "address": session.address,
        "created_at": session.created,
        "last_used_at": session.last_used,
        "expires_at": session.expires,
        "method": session.method,
    }
    await tx.execute(tx.insert(sessions).values(**values))


async def find_session(tx: Tx, session: SessionId) -> Session | None:
    row = (await tx.execute(tx.select(sessions).where(sessions.c.session_id == session))).one_or_none()
    return None if row is None else _session(row)


async def lock_session(tx: Tx, session: SessionId) -> Session | None:
    """Whoever changes a session or its refresh family takes this lock first, so that no two deadlock."""
    statement = tx.select(sessions).where(sessions.c.session_id == session).with_for_update()
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _session(row)


async def touch_session(tx: Tx, session: SessionId, address: str | None, *, now: datetime) -> None:
    statement = tx.update(sessions).where(sessions.c.session_id == session)
    await tx.execute(statement.values(last_used_at=now, address=address))


async def list_living_sessions(tx: AcrossTenantsTx, user: UserId, *, now: datetime) -> Sequence[Session]:
    """A person's sessions in all tenants that can still be refreshed, the last used first."""
    statement = (
        select(sessions)  # across tenants: the finder role sees all sessions
        .where(sessions.c.user_id == user, sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
        .order_by(sessions.c.last_used_at.desc(), sessions.c.session_id)
        .limit(200)
    )
    return [_session(row) for row in await tx.execute(statement)]


async def end_sessions(tx: Tx, condition: Which, reason: str, *, now: datetime) -> Sequence[tuple[UserId, SessionId]]:
    """Ends the sessions that still run; tells which, and nothing about those that had ended before."""
    running = tx.select(sessions, sessions.c.session_id).where(condition, sessions.c.ended_at.is_(None))
    ids = [row.session_id for row in await tx.execute(running.order_by(sessions.c.session_id).with_for_update())]
    if not ids:
        return []
    statement = tx.update(sessions).where(sessions.c.session_id.in_(ids), sessions.c.ended_at.is_(None))
    ended = await tx.execute(
        statement.values(ended_at=now, end_reason=reason).returning(sessions.c.user_id, sessions.c.session_id)
    )
    families = tx.update(refresh_families).where(refresh_families.c.session_id.in_(ids))
    await tx.execute(families.where(refresh_families.c.revoked_at.is_(None)).values(revoked_at=now))
    return [(UserId(row.user_id), SessionId(row.session_id)) for row in ended]


async def purge_sessions(tx: Tx, *, now: datetime, keep: timedelta) -> int:
    """Forgets sessions that ended long ago, with their refresh families."""
    over = (sessions.c.ended_at < now - keep) | (sessions.c.expires_at < now - keep)
    return await tx.affected(tx.delete(sessions).where(over))


def this(session: SessionId) -> Which:
    return sessions.c.session_id == session


def all_of(user: UserId, *, but: SessionId | None = None) -> Which:
    mine = sessions.c.user_id == user
    return mine if but is None else mine & (sessions.c.session_id != but)


def of_everybody() -> Which:
    return sessions.c.ended_at.is_(None)


def _session(row: Row[Any]) -> Session:
    return Session(
        tenant=TenantId(row.tenant_id),
        session=SessionId(row.session_id),
        user=UserId(row.user_id),
        device=row.device,
        address=row.address,
        created=row.created_at,
        last_used=row.last_used_at,
        expires=row.expires_at,
        ended=row.ended_at,
        method=row.method,
    )
