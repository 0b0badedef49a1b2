"""Atlassian's 3LO as a client sees it: /authorize with its consent page, /oauth/token, accessible-resources and /me."""

import hmac
from html import escape
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from jira_simulator.http.errors import json_response
from jira_simulator.http.service import Service
from jira_simulator.model.records import Account
from jira_simulator.oauth.grants import Access, GrantRefused, Tokens
from jira_simulator.oauth.scopes import KNOWN, OF_JIRA

PATHS = ("/authorize", "/oauth/token", "/oauth/token/accessible-resources", "/me")
_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{body}</body></html>"""


def cloud_id(base_url: str) -> str:
    """The same for the same address, however often the simulator starts."""
    return str(uuid5(NAMESPACE_URL, base_url))


def _error_page(sentence: str) -> Response:
    """What is wrong with the app itself is never sent to the redirect address."""
    return HTMLResponse(_PAGE.format(title="Something went wrong", body=f"<p>{escape(sentence)}</p>"), 400)


def _back(redirect: str, **query: str) -> Response:
    joint = "&" if "?" in redirect else "?"
    return RedirectResponse(f"{redirect}{joint}{urlencode(query)}", 302)


class ThreeLo:
    """The doors; only Cloud has them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._grants = service.grants

    def routes(self) -> list[Route]:
        return [
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/token/accessible-resources", self.resources, methods=["GET"]),
            Route("/me", self.me, methods=["GET"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """GET shows who may consent to what; POST is the button that was pressed, with the same query."""
        asked = request.query_params
        wrong = self._wrong(dict(asked))
        if wrong is not None:
            return _error_page(wrong)
        choice = self._grants.rules.account if self._grants.rules.consent == "auto" else ""
        if request.method == "POST":
            form = await request.form()
            choice = str(form.get("account", ""))
        redirect, state = asked["redirect_uri"], asked["state"]
        if choice == "deny":
            return _back(
                redirect, error="access_denied", error_description="User did not authorize the request", state=state
            )
        if choice not in ("main", "limited"):
            return self._consent_page(asked["scope"])
        account = self._service.door.main if choice == "main" else self._service.door.limited
        code = self._grants.issue_code(account, redirect, frozenset(asked["scope"].split()))
        return _back(redirect, state=state, code=code)

    def _wrong(self, asked: dict[str, str]) -> str | None:
        """PKCE parameters are ignored, as Atlassian does."""
        app = self._grants.app
        missing = [name for name in ("client_id", "redirect_uri", "scope", "state") if not asked.get(name)]
        if missing:
            return f"The required parameter {missing[0]} is missing."
        if asked["client_id"] != app.client_id:
            return "The client_id is unknown."
        if asked["redirect_uri"] not in app.redirects:
            return "redirect_uri is not registered for client: " + asked["redirect_uri"]
        if asked.get("response_type") != "code":
            return "Only the response_type code is supported."
        if asked.get("audience") != "api.atlassian.com":
            return "The audience has to be api.atlassian.com."
        if asked.get("prompt") != "consent":
            return "The prompt has to be consent."
        unknown = set(asked["scope"].split()) - KNOWN
        return f"The app may not ask for the scope {min(unknown)}." if unknown else None

    def _consent_page(self, scope: str) -> Response:
        door = self._service.door
        people = [("main", door.main), ("limited", door.limited)]
        scopes = "".join(f"<li><code>{escape(name)}</code></li>" for name in scope.split())
        buttons = "".join(
            f'<button name="account" value="{name}">Accept as {escape(account.user.display_name)}</button> '
            for name, account in people
        )
        body = (
            f"<p>An app asks for access to {escape(self._service.site.base_url)}:</p><ul>{scopes}</ul>"
            f'<form method="post">{buttons}<button name="account" value="deny">Cancel</button></form>'
        )
        return HTMLResponse(_PAGE.format(title="Simulated Atlassian", body=body))

    async def token(self, request: Request) -> Response:
        """Codes and refresh tokens alike; there are no client credentials, and what is wrong is a 403."""
        given = await _object(request)
        app = self._grants.app
        known = hmac.compare_digest(str(given.get("client_id", "")).encode(), app.client_id.encode())
        proved = hmac.compare_digest(str(given.get("client_secret", "")).encode(), app.client_secret.encode())
        if not (known and proved):
            return json_response({"error": "access_denied", "error_description": "Unauthorized"}, 401)
        try:
            match given.get("grant_type"):
                case "authorization_code":
                    made = self._grants.redeem_code(str(given.get("code", "")), str(given.get("redirect_uri", "")))
                case "refresh_token":
                    made = self._grants.refresh(str(given.get("refresh_token", "")))
                case other:
                    sentence = f"Grant type '{other}' not allowed for the client."
                    return json_response({"error": "unauthorized_client", "error_description": sentence}, 403)
        except GrantRefused as refused:
            return json_response({"error": "invalid_grant", "error_description": str(refused)}, 403)
        return json_response(_token_json(made), headers={"Cache-Control": "no-store"})

    async def resources(self, request: Request) -> Response:
        """Empty without a scope of Jira; the order of several would mean nothing."""
        access = self._access(request)
        if access is None:
            return unauthorized()
        scopes = sorted(access.scopes & OF_JIRA)
        base = self._service.site.base_url
        if not scopes or not self._grants.rules.sites_open:
            return json_response([])
        icon = "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png"
        entry = {"id": cloud_id(base), "url": base, "name": "simulator", "scopes": scopes, "avatarUrl": icon}
        return json_response([entry])

    async def me(self, request: Request) -> Response:
        access = self._access(request)
        if access is None:
            return unauthorized()
        if "read:me" not in access.scopes:
            return scope_mismatch()
        return json_response(_me_json(access.account, self._grants.rules.account_status))

    def _access(self, request: Request) -> Access | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._grants.find_access(token.strip()) if scheme.lower() == "bearer" else None


def unauthorized() -> Response:
    return json_response({"code": 401, "message": "Unauthorized"}, 401)


def scope_mismatch() -> Response:
    return json_response({"code": 401, "message": "Unauthorized; scope does not match"}, 401)


async def _object(request: Request) -> dict[str, Any]:
    """JSON as documented, or a form."""
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = orjson.loads(await request.body() or b"{}")
        except orjson.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}
    return dict(await request.form())


def _token_json(made: Tokens) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "access_token": made.access,
        "expires_in": made.expires_in,
        "token_type": "Bearer",
        "scope": " ".join(sorted(made.scopes)),
    }
    return shape if made.refresh is None else {**shape, "refresh_token": made.refresh}


def _me_json(account: Account, status: str) -> dict[str, Any]:
    user = account.user
    return {
        "account_type": user.account_type,
        "account_id": user.id,
        "email": user.email,
        "name": user.display_name,
        "picture": "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/default.png",
        "account_status": status,
        "nickname": user.name,
        "zoneinfo": user.time_zone,
        "locale": user.locale.replace("_", "-"),
        "extended_profile": {},
    }
