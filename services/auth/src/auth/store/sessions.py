"""Sessions: rows of `auth.sessions`; ending one revokes its refresh family in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
        "idle_until": session.idle_until,
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


async def touch_session(
    tx: Tx, session: SessionId, address: str | None, *, idle_until: datetime, now: datetime
) -> None:
    statement = tx.update(sessions).where(sessions.c.session_id == session)
    await tx.execute(statement.values(last_used_at=now, address=address, idle_until=idle_until))


async def list_living_sessions(
    tx: AcrossTenantsTx,
    user: UserId,
    *,
    now: datetime,
    before: UUID | None = None,
    limit: int,
    within: TenantId | None = None,
) -> Sequence[Session]:
    """A person's sessions in all tenants that can still be refreshed, the newest first."""
    statement = select(sessions).where(*_living(user, now))  # across tenants: the finder role sees all sessions
    if before is not None:
        statement = statement.where(sessions.c.session_id < before)
    if within is not None:
        statement = statement.where(sessions.c.tenant_id == within)
    rows = await tx.execute(statement.order_by(sessions.c.session_id.desc()).limit(limit))
    return [_session(row) for row in rows]


async def find_tenants_of_living_sessions(
    tx: AcrossTenantsTx, user: UserId, *, now: datetime, only: SessionId | None = None
) -> Sequence[TenantId]:
    """Where a person is signed in, or where the one session is."""
    statement = select(sessions.c.tenant_id).distinct().where(*_living(user, now))  # across tenants: by the finder
    if only is not None:
        statement = statement.where(sessions.c.session_id == only)
    return sorted(TenantId(row.tenant_id) for row in await tx.execute(statement))


async def find_tenants_of_silent_sessions(tx: AcrossTenantsTx, *, now: datetime) -> Sequence[TenantId]:
    """Where sessions were not used for too long and nobody has said so yet; some at a time."""
    silent = (sessions.c.ended_at.is_(None), sessions.c.idle_until <= now)
    statement = select(sessions.c.tenant_id).where(*silent).distinct().limit(100)  # across tenants: by the finder
    return [TenantId(row.tenant_id) for row in await tx.execute(statement)]


async def end_sessions(
    tx: Tx, condition: Which, reason: str, *, now: datetime, limit: int | None = None
) -> Sequence[tuple[UserId, SessionId]]:
    """Ends the sessions that still run; tells which, and nothing about those that had ended before."""
    running = tx.select(sessions, sessions.c.session_id).where(condition, sessions.c.ended_at.is_(None))
    if limit is not None:
        running = running.limit(limit)
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


def silent_since(now: datetime) -> Which:
    return sessions.c.idle_until <= now


def of_everybody() -> Which:
    return sessions.c.ended_at.is_(None)


def _living(user: UserId, now: datetime) -> tuple[Which, ...]:
    mine, open_still = sessions.c.user_id == user, sessions.c.ended_at.is_(None)
    return mine, open_still, sessions.c.expires_at > now, sessions.c.idle_until > now


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
        idle_until=row.idle_until,
        ended=row.ended_at,
        method=row.method,
    )
