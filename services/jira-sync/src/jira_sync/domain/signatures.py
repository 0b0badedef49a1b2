"""Checks that a delivery was signed with the secret that we gave to Jira."""

import hashlib
import hmac

_METHODS = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """`X-Hub-Signature: sha256=<hex>` over the raw body; unknown and weak methods are no signature."""
    method, _, given = (header or "").partition("=")
    digest = _METHODS.get(method.strip().lower())
    if digest is None:
        return False
    wanted = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().lower().encode())
