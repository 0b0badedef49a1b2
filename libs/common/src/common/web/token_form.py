"""The one form of an access token that is taken: a text comes in, its key's name and claims go out, unverified.

JWT libraries read many forms of one token. This one reads exactly what auth writes, so that nothing in a header can
choose an algorithm, a key or a meaning, and no second text passes for the same token.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADER = frozenset({"alg", "typ", "kid"})
_TEXTS = ("iss", "aud", "sub", "sid", "jti", "role")
_TIMES = ("iat", "exp")
_OPTIONAL = {"tenant": str, "csrf": str, "api_token": str, "ver": int, "nbf": int}
_MAX_TOKEN = 8_192
#: Longer than any access token that auth signs; one with a longer life was not made by it.
MAX_LIFE = 600


class MalformedToken(ValueError):
    """Not in the form in which auth writes access tokens."""


@dataclass(frozen=True)
class Unverified:
    """What a token says; nothing of it counts before its signature was checked."""

    kid: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def read_token(token: str) -> Unverified:
    """Raises `MalformedToken` for whatever auth would not have written like that."""
    match = _COMPACT.fullmatch(token) if len(token) <= _MAX_TOKEN else None
    if match is None:
        raise MalformedToken
    head, body, signature = match.groups()
    header = _object(_canonical(head))
    kid = header.get("kid")
    if header.keys() != _HEADER or header["alg"] != "EdDSA" or header["typ"] != "at+jwt":
        raise MalformedToken
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise MalformedToken
    claims = _object(_canonical(body))
    _check_types(claims)
    return Unverified(kid, claims, f"{head}.{body}".encode(), _canonical(signature))


def _canonical(part: str) -> bytes:
    """Base64 leaves bits of the last sign open, and each filling would be another text of the same token."""
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise MalformedToken from None
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise MalformedToken
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_each_once, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MalformedToken from None
    if not isinstance(found, dict):
        raise MalformedToken
    return found


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a doubled member one reader takes the first and another the last."""
    found = dict(members)
    if len(found) != len(members):
        raise MalformedToken
    return found


def _refuse(_number: str) -> Any:
    raise MalformedToken


def _check_types(claims: dict[str, Any]) -> None:
    if any(type(claims.get(name)) is not str for name in _TEXTS):
        raise MalformedToken
    if any(type(claims.get(name)) is not int for name in _TIMES) or claims["exp"] - claims["iat"] > MAX_LIFE:
        raise MalformedToken
    if any(name in claims and type(claims[name]) is not kind for name, kind in _OPTIONAL.items()):
        raise MalformedToken
    scopes = claims.get("scopes")
    if type(scopes) is not list or any(type(scope) is not str for scope in scopes):
        raise MalformedToken
