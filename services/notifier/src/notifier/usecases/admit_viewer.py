"""A token becomes a viewer, or the reason why it does not."""

from datetime import UTC, datetime, timedelta

import structlog

from common.errors import AppError, KeysUnavailable, TokenExpired, TokenOutdated, Unauthenticated
from common.ids import public_id
from common.web.api_tokens import is_api_token
from common.web.tokens import Operator, TokenVerifier
from notifier.app import App
from notifier.domain import codes
from notifier.domain.codes import Ending, Failure
from notifier.domain.publication import Viewer
from notifier.usecases.read_sight import read_sight

log = structlog.get_logger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def admit_viewer(token: str, verifier: TokenVerifier, app: App) -> Viewer | Failure | Ending:
    """An ended token asks the client for a fresh one; any other bad one ends the connection for good.

    An API token that has ended cannot be refreshed, so it counts among the others.
    """
    try:
        caller = await verifier.verify(token)
    except KeysUnavailable:
        return codes.INTERNAL
    except (TokenExpired, TokenOutdated):
        return codes.INVALID_TOKEN if is_api_token(token) else codes.TOKEN_EXPIRED
    except AppError as error:
        return codes.INVALID_TOKEN if isinstance(error, Unauthenticated) else codes.TOO_MANY_REQUESTS
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
        as_of=_EPOCH + timedelta(microseconds=caller.as_of),
        expires_at=datetime.fromtimestamp(caller.expires_at, UTC),
        sight=sight,
    )
    return codes.TOKEN_EXPIRED if app.memberships.outdate(viewer) else viewer
