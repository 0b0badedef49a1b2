"""api.atlassian.com in front of the site: /ex/jira/{cloudId}/… with an access token becomes its account's request."""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from jira_simulator.http.errors import json_response
from jira_simulator.http.service import Service
from jira_simulator.http.three_lo import cloud_id, unauthorized

_PATH = re.compile(r"/ex/jira/(?P<cloud>[^/]+)(?P<rest>/.*)")
PREFIX = "/ex/jira/"


class ApiHost:
    """Takes nothing but access tokens: a password or an API token is unknown here."""

    def __init__(self, rest: ASGIApp, service: Service) -> None:
        self._rest, self._service = rest, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        access = self._service.grants.find_access(token.strip()) if kind.lower() == "bearer" else None
        match = _PATH.fullmatch(scope["path"])
        if access is None:
            await unauthorized()(scope, receive, send)
        elif match is None or match["cloud"] != cloud_id(self._service.site.base_url):
            body = {"status": 404, "error": "Not Found", "message": "No message available", "path": scope["path"]}
            await json_response(body, 404)(scope, receive, send)
        else:
            inner = {**scope, "path": match["rest"], "raw_path": match["rest"].encode(), "sim.access": access}
            await self._rest(inner, receive, send)
            # What the layer in front counts by.
            scope["sim.pattern"] = PREFIX + "{cloudId}" + str(inner.get("sim.pattern", match["rest"]))
