"""What the doors ask of a request: the app, and who is calling with which scope."""

from typing import Annotated

from fastapi import Depends, Request

from api_gateway.app import App
from common.issues.access import Viewer
from common.web.tokens import Caller, requires


def _app(request: Request) -> App:
    app: App = request.app.state.app
    return app


AppDep = Annotated[App, Depends(_app)]
IssueReader = Annotated[Caller, requires("issues:read")]
ConnectionReader = Annotated[Caller, requires("connections:read")]
ExportReader = Annotated[Caller, requires("exports:read")]


def viewer_of(caller: Caller) -> Viewer:
    """Who looks; what he may see is read with each answer."""
    return Viewer(caller.tenant, caller.user, caller.role)


def manages_connections(caller: Caller) -> bool:
    """Whoever administers connections sees them and their lists without a grant, but none of their issues."""
    return "connections:admin" in caller.scopes
