"""What the doors ask of a request: the app, and who is calling with which scope."""

from typing import Annotated

from fastapi import Depends, Request

from api_gateway.app import App
from common.issues.access import Access
from common.web.tokens import Caller, requires


def _app(request: Request) -> App:
    app: App = request.app.state.app
    return app


AppDep = Annotated[App, Depends(_app)]
IssueReader = Annotated[Caller, requires("issues:read")]
ConnectionReader = Annotated[Caller, requires("connections:read")]
ExportReader = Annotated[Caller, requires("exports:read")]


def access_of(caller: Caller) -> Access:
    """What a caller may see: in shared mode everything of his tenant but restricted issues and comments."""
    return Access(caller.tenant)
