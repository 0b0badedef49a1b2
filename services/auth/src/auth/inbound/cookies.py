"""Tokens as cookies of a browser: set, taken away, and the rules of requests that rest on them."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from auth.app import FINDER, App
from auth.usecases.issue_tokens import Issued
from common.contracts.http.auth import SignedInByCookie
from common.db.tenant_settings import find_tenants_of_origin
from common.errors import CsrfRefused
from common.ids import public_id
from common.web.credentials import ACCESS_COOKIE, CSRF_COOKIE, REFRESH_COOKIE, check_double_submit


def deliver_by_cookie(response: Response, issued: Issued) -> SignedInByCookie:
    """Sets all three on the answer; `issued` must have been made with `cookie=True`."""
    if issued.csrf is None:
        raise ValueError("these tokens were not made to be cookies")
    _set(response, ACCESS_COOKIE, issued.access_token, issued.expires_in)
    _set(response, REFRESH_COOKIE, issued.line.refresh_token, issued.refresh_expires_in)
    _set(response, CSRF_COOKIE, issued.csrf, issued.refresh_expires_in, readable=True)
    response.headers["Cache-Control"] = "no-store"
    return SignedInByCookie(
        expires_in=issued.expires_in,
        refresh_expires_in=issued.refresh_expires_in,
        session_id=public_id("ses", issued.line.session),
    )


def clear_cookies(response: Response) -> None:
    for name in (ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE):
        _set(response, name, "", 0, readable=name == CSRF_COOKIE)


def has_cookies(request: Request) -> bool:
    return ACCESS_COOKIE in request.cookies or REFRESH_COOKIE in request.cookies


async def check_refresh_by_cookie(request: Request, app: App) -> None:
    """No access token lives any more that could carry the claim, so header and cookie are compared."""
    await check_origin(request, app)
    check_double_submit(request)


async def check_origin(request: Request, app: App) -> None:
    """A page of ours, of the operator's front end, or of a tenant's own; no Origin means that it was no page."""
    origin = request.headers.get("origin")
    if origin is None or origin in _own_origins(app):
        return
    async with app.db.uow_for_all_tenants("a browser signs in from a page of a tenant", role=FINDER) as across:
        known = await find_tenants_of_origin(across, origin)
    if not known:
        raise CsrfRefused(detail="This page may not sign in here.")


def _own_origins(app: App) -> frozenset[str]:
    urls = (app.settings.public_url, app.settings.front_end_url)
    parts = [urlsplit(url) for url in urls if url]
    return frozenset(f"{part.scheme}://{part.netloc}" for part in parts)


def _set(response: Response, name: str, value: str, seconds: int, *, readable: bool = False) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=not readable, samesite="strict")
