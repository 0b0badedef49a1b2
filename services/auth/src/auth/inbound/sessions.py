"""A person's own sessions: seen and ended."""

from fastapi import APIRouter

from auth.domain.accounts import Session
from auth.domain.platform import PLATFORM
from auth.inbound.dependencies import AnyoneDep, AppDep
from auth.usecases.end_sessions import end_own_other_sessions, end_own_session, list_own_sessions
from common.contracts.http.auth import SessionList, SessionView
from common.ids import SessionId, parse_id, public_id

router = APIRouter(prefix="/api/v1/auth/sessions", tags=["auth"])


@router.get("", summary="Your living sessions in all tenants")
async def list_sessions(person: AnyoneDep, app: AppDep) -> SessionList:
    items = await list_own_sessions(app, person.user)
    return SessionList(items=[_view(item, person.session) for item in items])


@router.delete("/{session}", status_code=204, summary="End one of your sessions")
async def delete_session(session: str, person: AnyoneDep, app: AppDep) -> None:
    await end_own_session(app, person.user, SessionId(parse_id("ses", session)))


@router.delete("", status_code=204, summary="End all your sessions but this one")
async def delete_other_sessions(person: AnyoneDep, app: AppDep) -> None:
    await end_own_other_sessions(app, person.user, person.session)


def _view(item: Session, current: SessionId) -> SessionView:
    return SessionView(
        id=public_id("ses", item.session),
        tenant_id=None if item.tenant == PLATFORM else public_id("ten", item.tenant),
        device=item.device,
        address=item.address,
        created=item.created,
        last_used=item.last_used,
        expires=item.expires,
        current=item.session == current,
    )
