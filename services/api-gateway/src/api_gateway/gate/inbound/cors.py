"""CORS per tenant: a page's origin comes in; what the browser may let that page read goes out, never `*`.

The operator's origins hold for every tenant. A tenant's own holds for answers to its own members, and for those who
have not signed in yet; an answer to a member of another tenant stays closed to it.
"""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api_gateway.gate.inbound.callers import TENANT
from common.errors import register_translations
from common.ids import TenantId
from common.web.problems import language_of, problem

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_HEADERS = (
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, "
    "Range, X-CSRF-Token, X-Request-Id"
)
_EXPOSED = (
    "Content-Disposition, Content-Range, ETag, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Data-As-Of, X-Request-Id"
)
_LONGEST = 300

register_translations({"cors.origin_refused": "Страницам этого источника запросы сюда не разрешены."})

TenantsOf = Callable[[str], Awaitable[frozenset[TenantId]]]


class CorsMiddleware:
    """Answers preflights itself; to all other answers it adds what the origin may know."""

    def __init__(self, app: ASGIApp, operators: frozenset[str], tenants_of: TenantsOf) -> None:
        self._app = app
        self._operators = operators
        self._tenants_of = tenants_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        origin = origins[0] if len(origins) == 1 and len(origins[0]) <= _LONGEST else None
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await (await self._preflight(origin, headers))(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                out.add_vary_header("Origin")
                if origin is not None and await self._is_let_in(origin, scope):
                    out["Access-Control-Allow-Origin"] = origin
                    out["Access-Control-Allow-Credentials"] = "true"
                    out["Access-Control-Expose-Headers"] = _EXPOSED
            await send(message)

        await self._app(scope, receive, sending)

    async def _preflight(self, origin: str | None, headers: Headers) -> Response:
        vary = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
        if origin is None or not (origin in self._operators or await self._tenants_of(origin)):
            return problem(
                403,
                "cors.origin_refused",
                "Pages of this origin may not call here.",
                language=language_of(headers.get("accept-language")),
                headers=vary,
            )
        return Response(
            status_code=204,
            headers={
                **vary,
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _HEADERS,
                "Access-Control-Max-Age": "600",
                "Cache-Control": "private, max-age=600",
            },
        )

    async def _is_let_in(self, origin: str, scope: Scope) -> bool:
        """Asked when the answer begins: by then the gate knows whose member asked."""
        if origin in self._operators:
            return True
        tenants = await self._tenants_of(origin)
        state = scope.get("state", {})
        return state[TENANT] in tenants if TENANT in state else bool(tenants)
