"""Headers that every answer carries, whoever gives it: the application, a file, an error, or the server itself."""

from starlette.datastructures import MutableHeaders
from starlette.types import Scope

#: What an answer gets unless it says something else: nothing runs, nothing is framed, nothing is guessed.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Robots-Tag": "noindex",
}
#: Whatever stands under these paths is private or about to change; a route that knows better says so itself.
_PRIVATE = ("/api/", "/internal/", "/health", "/connection/")


def add_security_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Adds what is missing."""
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if scope["path"].startswith(_PRIVATE):
        headers.setdefault("Cache-Control", "no-store")
