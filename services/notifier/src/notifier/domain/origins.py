"""Whether a browser page may open a socket for anybody: our own pages, and those that the operator named."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def is_allowed_origin(origin: str | None, host: str | None, allowed: Sequence[str]) -> bool:
    """Programs send no Origin; a browser always does, and a foreign page must not use its visitor's network."""
    if origin is None or origin in allowed:
        return True
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False
