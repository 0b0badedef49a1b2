"""Ends sessions and tells everybody who holds their access tokens or sockets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from auth.app import FINDER, App
from auth.domain.accounts import Session
from auth.store.refresh_families import find_session_of_token, find_tenant_of_token
from auth.store.sessions import (
    Which,
    all_of,
    end_sessions,
    find_session,
    find_tenants_of_living_sessions,
    find_tenants_of_silent_sessions,
    list_living_sessions,
    silent_since,
    this,
)
from auth.usecases.auditing import NOBODY, SYSTEM, Doer, audit, person
from common.contracts.access import SessionEndedV1
from common.db.unit_of_work import Tx
from common.errors import NotFound
from common.ids import SessionId, TenantId, UserId, public_id

Reason = Literal[
    "logout", "ended", "refresh_reused", "deactivated", "removed", "expired", "switched", "password_changed"
]

#: Sessions that one transaction ends at most.
_AT_ONCE = 500


async def end_and_tell(
    tx: Tx, which: Which, reason: Reason, *, now: datetime, limit: int | None = None, by: Doer = SYSTEM
) -> int:
    """In one transaction with its events, so that no session ends in silence."""
    ended = await end_sessions(tx, which, reason, now=now, limit=limit)
    action = "session.refresh_reused" if reason == "refresh_reused" else "session.ended"
    for user, session in ended:
        name, owner = public_id("ses", session), public_id("usr", user)
        await tx.emit(SessionEndedV1(user_id=owner, session_id=name, reason=reason, at=now))
        if reason != "switched":  # which the session that takes its place tells
            details = {"reason": reason, "user": owner}
            await audit(tx, action, by=by, at=now, target=("session", name), details=details)
    return len(ended)


async def sign_out(app: App, tenant: TenantId, session: SessionId) -> None:
    async with app.db.uow(tenant) as tx:
        found = await find_session(tx, session)
        by = NOBODY if found is None else person(found.user, tenant, session)
        await end_and_tell(tx, this(session), "logout", now=app.clock(), by=by)


async def sign_out_by_refresh_token(app: App, token: str) -> None:
    """Does nothing for an unknown token: the client wanted to be signed out, and is."""
    async with app.db.uow_for_all_tenants("sign-out by a refresh token", role=FINDER) as across:
        tenant = await find_tenant_of_token(across, token)
    if tenant is None:
        return
    async with app.db.uow(tenant) as tx:
        session = await find_session_of_token(tx, token)
        if session is not None:
            await end_and_tell(tx, this(session), "logout", now=app.clock(), by=NOBODY)


async def end_own_session(app: App, user: UserId, session: SessionId, *, within: TenantId | None = None) -> None:
    """Somebody else's session is as unknown as one that never was."""
    now = app.clock()
    async with app.db.uow_for_all_tenants("a person ends an own session", role=FINDER) as across:
        where = await find_tenants_of_living_sessions(across, user, now=now, only=session)
    if not where or within not in (None, where[0]):
        raise NotFound
    async with app.db.uow(where[0]) as tx:
        await end_and_tell(tx, this(session), "ended", now=now, by=person(user, where[0]))


async def end_own_other_sessions(
    app: App, user: UserId, current: SessionId, reason: Reason = "ended", *, within: TenantId | None = None
) -> None:
    now = app.clock()
    async with app.db.uow_for_all_tenants("a person ends all other own sessions", role=FINDER) as across:
        where = await find_tenants_of_living_sessions(across, user, now=now)
    for tenant in where if within is None else [within]:
        async with app.db.uow(tenant) as tx:
            await end_and_tell(tx, all_of(user, but=current), reason, now=now, by=person(user, tenant))


async def list_own_sessions(
    app: App, user: UserId, *, before: UUID | None, limit: int, within: TenantId | None = None
) -> Sequence[Session]:
    async with app.db.uow_for_all_tenants("a person sees the own sessions", role=FINDER) as across:
        return await list_living_sessions(across, user, now=app.clock(), before=before, limit=limit, within=within)


async def expire_sessions(app: App) -> int:
    """Sessions that nobody used for too long end with an event like all others; some at a time, until none is left."""
    ended = 0
    while True:
        now = app.clock()
        async with app.db.uow_for_all_tenants("sessions run out", role=FINDER) as across:
            where = await find_tenants_of_silent_sessions(across, now=now)
        if not where:
            return ended
        for tenant in where:
            async with app.db.uow(tenant) as tx:
                ended += await end_and_tell(tx, silent_since(now), "expired", now=now, limit=_AT_ONCE)
