"""What the doors ask of a request: the app, and the request's idempotency key."""

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Header, Request

from common.db.idempotency import IdempotentRequest
from common.ids import ConnectionId, parse_id
from common.web.tokens import Caller, requires
from jira_sync.app import App


def _app(request: Request) -> App:
    app: App = request.app.state.app
    return app


AppDep = Annotated[App, Depends(_app)]
ConnectionAdmin = Annotated[Caller, requires("connections:admin")]


def connection_of(connection: str) -> ConnectionId:
    """The id in a path."""
    return ConnectionId(parse_id("con", connection))


ConnectionDep = Annotated[ConnectionId, Depends(connection_of)]


async def _idempotent(
    request: Request,
    caller: ConnectionAdmin,
    app: AppDep,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> IdempotentRequest | None:
    """The body holds a secret, so it is keyed before its fingerprint is kept."""
    secret = app.settings.internal.secret.get_secret_value().encode()
    body = hmac.new(secret, await request.body(), hashlib.sha256).digest()
    return IdempotentRequest.of(
        user=caller.user, key=idempotency_key, method=request.method, path=request.url.path, body=body
    )


IdempotentDep = Annotated[IdempotentRequest | None, Depends(_idempotent)]
