"""A secret and a raw body in, the value of X-Hub-Signature out."""

import hashlib
import hmac


def hub_signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
