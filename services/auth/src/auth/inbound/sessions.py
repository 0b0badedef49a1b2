"""A person's own sessions: seen and ended."""

from fastapi import APIRouter

from auth.app import App
from auth.domain.accounts import Session
from auth.domain.platform import PLATFORM
from auth.inbound.dependencies import AnyoneDep, AppDep, Person
from auth.inbound.paging import CursorQuery, Cursors, LimitQuery
from auth.usecases.end_sessions import end_own_other_sessions, end_own_session, list_own_sessions
from common.contracts.http.auth import SessionList, SessionView
from common.ids import SessionId, parse_id, public_id

router = APIRouter(prefix="/api/v1/auth/sessions", tags=["auth"])


@router.get("", summary="Your living sessions in all tenants, the newest first")
async def list_sessions(
    person: AnyoneDep, app: AppDep, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> SessionList:
    cursors, now = _cursors(app, person), app.clock()
    within, before_id = person.within, cursors.read(cursor, now)
    items = await list_own_sessions(app, person.user, before=before_id, limit=limit + 1, within=within)
    following = cursors.next_after([item.session for item in items], limit, now)
    return SessionList(items=[_view(item, person.session) for item in items[:limit]], next_cursor=following)


@router.delete("/{session}", status_code=204, summary="End one of your sessions")
async def delete_session(session: str, person: AnyoneDep, app: AppDep) -> None:
    await end_own_session(app, person.user, SessionId(parse_id("ses", session)), within=person.within)


@router.delete("", status_code=204, summary="End all your sessions but this one")
async def delete_other_sessions(person: AnyoneDep, app: AppDep) -> None:
    await end_own_other_sessions(app, person.user, person.session, within=person.within)


def _cursors(app: App, person: Person) -> Cursors:
    return Cursors(app.settings.internal.secret.get_secret_value().encode(), f"sessions:{person.user}")


def _view(item: Session, current: SessionId) -> SessionView:
    return SessionView(
        id=public_id("ses", item.session),
        tenant_id=None if item.tenant == PLATFORM else public_id("ten", item.tenant),
        device=item.device,
        address=item.address,
        created=item.created,
        last_used=item.last_used,
        idle_until=item.idle_until,
        expires=item.expires,
        method=item.method,
        current=item.session == current,
    )
