"""Which Host a request may name: what the operator listed, everything while he listed nothing."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from common.errors import register_translations
from common.web.problems import language_of, problem

register_translations({"request.unknown_host": "Этот адрес здесь не обслуживается."})

#: Orchestrators probe by the address of a pod.
_FREE = "/health"


def is_allowed_host(host: str, allowed: Sequence[str]) -> bool:
    """`jira.example.com` fits itself on any port, `.example.com` every name below it."""
    name = host.strip().lower()
    name = name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]
    name = name.rstrip(".")
    if name.startswith("."):
        return False
    return any(name == each or (each.startswith(".") and name.endswith(each)) for each in allowed if name)


class HostMiddleware:
    """Refuses requests and upgrades that came for somebody else."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._app = app
        self._allowed = tuple(each.lower() for each in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_allowed_host(headers.get("host", ""), self._allowed):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = problem(
                400,
                "request.unknown_host",
                "This host is not served here.",
                language=language_of(headers.get("accept-language")),
            )
            await refusal(scope, receive, send)
