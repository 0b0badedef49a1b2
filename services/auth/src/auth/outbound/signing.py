"""Ed25519 keys and what is signed with them: claims in, an access token out; a key in, its public form out."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs now."""

    kid: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A new pair of keys as raw bytes; `kid` is taken from the public one."""

    kid: str
    public: bytes
    private: bytes


def fresh_key() -> FreshKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = _base64(hashlib.sha256(b"jira-export" + public).digest()[:12])
    return FreshKey(kid, public, private.private_bytes_raw())


def signing_key(kid: str, private: bytes) -> SigningKey:
    return SigningKey(kid, Ed25519PrivateKey.from_private_bytes(private))


def public_jwk(kid: str, public: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": _base64(public)}


def sign(claims: Mapping[str, Any], key: SigningKey) -> str:
    """The algorithm is fixed here and nowhere read from a key or a token."""
    return jwt.encode(dict(claims), key.private, algorithm="EdDSA", headers={"kid": key.kid, "typ": "at+jwt"})


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
