"""What a request proves itself with: the token of its header, or the cookie of a browser with its CSRF rule."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from common.errors import CsrfRefused, Unauthenticated
from common.web.token_form import MalformedToken, read_token

ACCESS_COOKIE = "__Host-je_access"
REFRESH_COOKIE = "__Host-je_refresh"
#: The only one that a page's own script can read; it sends the value back in the header below.
CSRF_COOKIE = "__Host-je_csrf"
#: Binds a sign-in at another provider to the browser that began it; auth alone reads it.
SIGN_IN_COOKIE = "__Host-je_signin"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Credentials:
    """A token and how it came."""

    token: str
    by_cookie: bool


def credentials_of(request: HTTPConnection) -> Credentials:
    """The header wins over the cookie, also when what it says is wrong; raises `Unauthenticated` for neither."""
    given = request.headers.getlist("authorization")
    if given:
        kind, _, token = given[0].partition(" ")
        if len(given) > 1 or kind.lower() != "bearer" or not token.strip():
            raise Unauthenticated(detail="Send Authorization: Bearer <access token>.")
        return Credentials(token.strip(" "), by_cookie=False)
    cookie = request.cookies.get(ACCESS_COOKIE)
    if not cookie:
        raise Unauthenticated(detail="Send Authorization: Bearer <access token>.")
    return Credentials(cookie, by_cookie=True)


def socket_token_of(socket: HTTPConnection) -> str:
    """The token that came with an upgrade, or an empty text.

    A cookie counts only beside an Origin, which the door has compared, and only when it was made to be a cookie.
    """
    try:
        given = credentials_of(socket)
    except Unauthenticated:
        return ""
    if given.by_cookie and ("origin" not in socket.headers or _claim(given.token) is None):
        return ""
    return given.token


def check_cookie(request: HTTPConnection, claim: str | None) -> None:
    """A token in a cookie must have been made for it; what changes something proves that a page of ours sent it."""
    if claim is None:
        raise Unauthenticated
    method: str = request.scope["method"]
    sent = request.headers.get(CSRF_HEADER, "")
    if method not in _SAFE and not hmac.compare_digest(csrf_claim(sent), claim):
        raise CsrfRefused


def check_double_submit(request: HTTPConnection) -> None:
    """For requests that come when no access token lives any more: header and cookie must say the same."""
    sent, kept = request.headers.get(CSRF_HEADER, ""), request.cookies.get(CSRF_COOKIE, "")
    if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
        raise CsrfRefused


def csrf_claim(token: str) -> str:
    """What the access token says of a CSRF token."""
    return urlsafe_b64encode(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()).rstrip(b"=").decode()


def _claim(token: str) -> str | None:
    try:
        found: str | None = read_token(token).claims.get("csrf")
    except MalformedToken:
        return None
    return found
