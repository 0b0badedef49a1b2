"""The service in, the ASGI application of the simulated Jira out: REST, secure files and control doors."""

import uuid
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jira_simulator.http.api_host import PREFIX, ApiHost
from jira_simulator.http.auth import authenticate, identity_headers
from jira_simulator.http.call import Call
from jira_simulator.http.doors import Doors, door_error
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.fault_layer import FaultLayer
from jira_simulator.http.limits import Verdict
from jira_simulator.http.media import media_app
from jira_simulator.http.router import Match, Router
from jira_simulator.http.service import Service
from jira_simulator.http.three_lo import PATHS, ThreeLo, scope_mismatch
from jira_simulator.model.records import Account
from jira_simulator.oauth.grants import Access
from jira_simulator.oauth.scopes import needed_scope
from jira_simulator.write.errors import WriteRefused


class RestApp:
    """Authenticates, limits, finds the operation and turns every refusal into Jira's words."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._router = Router(service.site.personality)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        account: Account | None = None
        failed = False
        headers: dict[str, str] = {}
        try:
            access: Access | None = scope.get("sim.access")
            if access is not None:
                account = access.account
            else:
                account = authenticate(self._service.site, self._service.door, request.headers.get("authorization"))
        except Refused as refused:
            failed, response = True, refused.response()
        else:
            response, headers = await self._respond(request, account)
        trace = uuid.uuid4().hex
        for name, value in (
            identity_headers(self._service.site, account, failed=failed, request_id=trace) | headers
        ).items():
            response.headers[name] = value
        await response(scope, receive, send)

    async def _respond(self, request: Request, account: Account | None) -> tuple[Response, dict[str, str]]:
        verdict = Verdict(True, {})
        try:
            match = self._router.find(request.method, request.url.path)
            request.scope["sim.pattern"] = match.pattern
            request.scope["path_params"] = match.params
            access: Access | None = request.scope.get("sim.access")
            needed = needed_scope(request.method, match.operation.path) if access is not None else None
            if access is not None and needed is not None and needed not in access.scopes:
                return scope_mismatch(), {}
            verdict = self._limited(request, account, match)
            if not verdict.allowed:
                return json_response({"errorMessages": ["Rate limit exceeded."], "errors": {}}, 429), verdict.headers
            call = Call(self._service, request, account, match.version, await request.body())
            return await match.operation.handler(call), verdict.headers
        except Refused as refused:
            return refused.response(), verdict.headers
        except WriteRefused as refused:
            body = {"errorMessages": refused.messages, "errors": refused.errors}
            return json_response(body, refused.status), verdict.headers

    def _limited(self, request: Request, account: Account | None, match: Match) -> Verdict:
        if self._service.limits is None:
            return Verdict(True, {})
        who = account.user.id if account else ""
        return self._service.limits.ask(who, request.method, match.pattern, match.params.get("issue"))


async def _door_refused(_: Request, refused: Exception) -> Response:
    return door_error(refused)


class _Front:
    """Doors under /_sim, on Cloud the OAuth of accounts and the API host; everything else is Jira."""

    def __init__(self, service: Service) -> None:
        handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
            Refused: _door_refused,
            WriteRefused: _door_refused,
            ValueError: _door_refused,
        }
        self._doors = Starlette(routes=Doors(service).routes(), exception_handlers=handlers)
        self._rest = RestApp(service)
        self._oauth = Starlette(routes=ThreeLo(service).routes())
        self._api = ApiHost(self._rest, service)
        self._cloud = service.site.cloud

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self._rest
        if scope["type"] != "http" or scope["path"].startswith("/_sim"):
            app = self._doors
        elif self._cloud and scope["path"] in PATHS:
            app = self._oauth
        elif self._cloud and scope["path"].startswith(PREFIX):
            app = self._api
        await app(scope, receive, send)


def jira_app(service: Service) -> ASGIApp:
    return FaultLayer(_Front(service), service)


def files_app(service: Service) -> ASGIApp:
    return FaultLayer(media_app(service), service)
