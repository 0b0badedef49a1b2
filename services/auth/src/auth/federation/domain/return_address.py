"""Where a browser may go after the sign-in: a wish and the allowed origins in, an address that is safe to open out."""

from collections.abc import Collection
from urllib.parse import urlsplit

from auth.federation.domain.errors import ReturnAddressRefused

_MOST = 1000


def checked_return_address(wish: str, own: str, allowed: Collection[str]) -> str:
    """A path belongs to `own`; of another address the whole origin has to be one of `allowed`, or `own` itself."""
    # What browsers read as a slash, skip or cut is refused before any rule looks at it.
    if len(wish) > _MOST or not wish.isascii() or not wish.isprintable() or "\\" in wish or wish != wish.strip():
        raise ReturnAddressRefused
    if wish.startswith("/"):
        if wish.startswith("//"):
            raise ReturnAddressRefused
        return own.rstrip("/") + wish
    try:
        parts = urlsplit(wish)
        port = parts.port
    except ValueError:
        raise ReturnAddressRefused from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ReturnAddressRefused
    if origin_of(wish) not in {origin_of(own), *(entry.rstrip("/").lower() for entry in allowed)} or port == 0:
        raise ReturnAddressRefused
    return wish


def origin_of(address: str) -> str:
    """Scheme, host and port, without a port that is the scheme's own."""
    parts = urlsplit(address)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}".lower()
