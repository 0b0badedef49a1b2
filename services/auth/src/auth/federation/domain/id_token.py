"""Whether an ID token is for us, now: its claims (signature checked before) and what is expected in, a refusal or
the person out."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auth.federation.domain.errors import (
    IdTokenAudience,
    IdTokenExpired,
    IdTokenHash,
    IdTokenIssuer,
    IdTokenMalformed,
    IdTokenNonce,
)

SKEW = timedelta(seconds=30)
#: Asymmetric only: with the others whoever knows the client secret or a public key could sign.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_MOST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Expected:
    """What this sign-in asked for and from whom."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None
    algorithm: str  # of the token's checked signature


def check_claims(claims: Mapping[str, Any], expected: Expected, now: datetime) -> str:
    """Returns the subject; OpenID Connect Core 1.0 §3.1.3.7 and §3.1.3.8."""
    if claims.get("iss") != expected.issuer:
        raise IdTokenIssuer
    _check_audience(claims, expected.client_id)
    _check_times(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdTokenNonce
    _check_hash(claims.get("at_hash"), expected)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_SUBJECT or not subject.isprintable():
        raise IdTokenMalformed(detail="The ID token names no subject.")
    return subject


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise IdTokenAudience
    party = claims.get("azp")
    if (len(audiences) > 1 or party is not None) and party != client_id:
        raise IdTokenAudience


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    expires, issued, valid_from = (_moment(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise IdTokenMalformed(detail="The ID token has no exp or no iat.")
    at, skew = now.timestamp(), SKEW.total_seconds()
    if at >= expires + skew or issued > at + skew or (valid_from is not None and valid_from > at + skew):
        raise IdTokenExpired


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdTokenMalformed(detail=f"The ID token's {name} is not a number.")
    return float(value)


def _check_hash(given: Any, expected: Expected) -> None:
    """Optional in this flow; one that is there has to be right."""
    if given is None:
        return
    if expected.access_token is None or given != access_token_hash(expected.access_token, expected.algorithm):
        raise IdTokenHash


def access_token_hash(token: str, algorithm: str) -> str:
    name = "sha512" if algorithm == "EdDSA" else f"sha{algorithm[-3:]}"
    digest = hashlib.new(name, token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
