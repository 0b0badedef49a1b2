"""What the doors ask of a request: the app, the caller's view, the ids and the Idempotency-Key in it."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from common.db.idempotency import IdempotentRequest
from common.errors import AppError
from common.ids import ConnectionId, ExportId, parse_id
from common.issues.access import Viewer
from common.web.tokens import Caller, requires
from export_worker.app import App
from export_worker.domain.errors import ExportNotFound


def _app(request: Request) -> App:
    app: App = request.app.state.app
    return app


def _export_id(export: Annotated[str, Path(max_length=100)]) -> ExportId:
    """What is no id of an export is answered like an export that is not there."""
    try:
        return ExportId(parse_id("exp", export))
    except AppError:
        raise ExportNotFound from None


def _connection_id(connection: str | None = None) -> ConnectionId | None:
    return None if connection is None else ConnectionId(parse_id("con", connection))


async def idempotent(request: Request, caller: Caller, key: str | None) -> IdempotentRequest | None:
    """The write as it may come again."""
    body = await request.body()
    return IdempotentRequest.of(user=caller.user, key=key, method=request.method, path=request.url.path, body=body)


def viewer_of(caller: Caller) -> Viewer:
    """Who looks; what he may see is read for each request."""
    return Viewer(caller.tenant, caller.user, caller.role)


AppDep = Annotated[App, Depends(_app)]
ExportDep = Annotated[ExportId, Depends(_export_id)]
ConnectionDep = Annotated[ConnectionId | None, Depends(_connection_id)]
KeyDep = Annotated[str | None, Header(alias="Idempotency-Key")]
Creator = Annotated[Caller, requires("exports:create")]
Reader = Annotated[Caller, requires("exports:read")]
IssueReader = Annotated[Caller, requires("issues:read")]
