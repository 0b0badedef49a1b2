"""How a browser learns how its sign-in ended: JSON for a program that asks for it, otherwise cookies and a page."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import Request, Response
from starlette.responses import JSONResponse, RedirectResponse

from auth.app import App
from auth.federation.domain.ticket import Ticket
from auth.inbound.cookies import deliver_by_cookie
from auth.usecases.issue_tokens import Issued
from common.contracts.http.auth import SignedIn
from common.errors import AppError
from common.ids import public_id
from common.web.problems import from_app_error, language_of

_NO_STORE = {"Cache-Control": "no-store"}


def wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return "application/json" in accepted and "text/html" not in accepted


def deliver(request: Request, app: App, issued: Issued, ticket: Ticket) -> Response:
    if wants_json(request):
        body = SignedIn(
            access_token=issued.access_token,
            expires_in=issued.expires_in,
            refresh_token=issued.line.refresh_token,
            refresh_expires_in=issued.refresh_expires_in,
            session_id=public_id("ses", issued.line.session),
        )
        return JSONResponse(body.model_dump(mode="json"), headers=_NO_STORE)
    response = RedirectResponse(ticket.return_to or _page(app), 303)
    deliver_by_cookie(response, issued)
    return response


def refuse(request: Request, app: App, error: AppError, ticket: Ticket | None) -> Response:
    """A person is led to a page that can say it; the code tells which sentence."""
    if wants_json(request):
        return from_app_error(error, language_of(request.headers.get("accept-language")))
    place = _page(app) if ticket is None else ticket.return_to or _page(app)
    return RedirectResponse(_with_error(place, error.code), 303, headers=_NO_STORE)


def _page(app: App) -> str:
    return (app.settings.front_end_url or app.settings.public_url).rstrip("/") + "/signed-in"


def _with_error(place: str, code: str) -> str:
    parts = urlsplit(place)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("error", code)]
    return urlunsplit(parts._replace(query=urlencode(query)))
