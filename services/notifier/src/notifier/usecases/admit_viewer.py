"""A token becomes a viewer, or the reason why it does not."""

from datetime import UTC, datetime
from typing import Any

import jwt
import structlog

from common.errors import AppError, Unauthenticated
from common.ids import public_id
from common.web.tokens import KeysUnavailable, Operator, TokenVerifier
from notifier.app import App
from notifier.domain import codes
from notifier.domain.codes import Ending, Failure
from notifier.domain.publication import Viewer
from notifier.usecases.read_sight import read_sight

log = structlog.get_logger(__name__)


async def admit_viewer(token: str, verifier: TokenVerifier, app: App) -> Viewer | Failure | Ending:
    """An ended token asks the client for a fresh one; any other bad one ends the connection for good."""
    try:
        caller = await verifier.verify(token)
    except KeysUnavailable:
        return codes.INTERNAL
    except Unauthenticated:
        return codes.TOKEN_EXPIRED if _has_ended(token, app.clock()) else codes.INVALID_TOKEN
    if isinstance(caller, Operator):
        return codes.PERMISSION_DENIED
    tenant, user = public_id("ten", caller.tenant), public_id("usr", caller.user)
    try:
        sight = await read_sight(tenant, user, caller.role, app)
    except AppError as error:
        log.warning("grants_not_read", code=error.code)
        return codes.INTERNAL
    viewer = Viewer(
        tenant=tenant,
        user=user,
        session=public_id("ses", caller.session),
        role=caller.role,
        scopes=caller.scopes,
        issued_at=datetime.fromtimestamp(_claims(token)["iat"], UTC),
        expires_at=datetime.fromtimestamp(caller.expires_at, UTC),
        sight=sight,
    )
    return codes.TOKEN_EXPIRED if app.memberships.outdate(viewer) else viewer


def _claims(token: str) -> dict[str, Any]:
    """What the token says; only for what the verifier has let pass, or to choose between two refusals."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _has_ended(token: str, now: float) -> bool:
    try:
        return float(_claims(token)["exp"]) <= now
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError):
        return False
