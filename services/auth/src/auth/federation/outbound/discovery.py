"""What providers publish of themselves: an issuer in, its endpoints and keys out, kept for some minutes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from auth.federation.domain.errors import IssuerMismatch, ProviderBroken
from auth.federation.outbound.provider_http import ProviderHttp
from common.errors import AppError

_KEEP = 600.0
#: A wrong or absent provider is not asked again for each person who clicks.
_KEEP_FAILURE = 10.0
#: An ID token may name any key id; only so often does an unknown one lead to another call.
_KEYS_AT_MOST_EVERY = 30.0
_MOST = 500
_MOST_KEYS = 100
_LEAST_RSA_BITS = 2048
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parts of a discovery document that are used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    posts_secret: bool  # the client secret goes into the form instead of a header
    tells_issuer: bool  # RFC 9207: the answer names its issuer


@dataclass(slots=True)
class _Kept:
    """One issuer; `failure` is what went wrong the last time."""

    lock: asyncio.Lock
    until: float = 0.0
    metadata: Metadata | None = None
    failure: AppError | None = None
    keys: tuple[jwt.PyJWK, ...] = ()
    keys_until: float = 0.0
    keys_asked: float = float("-inf")


class Discovery:
    """Callers at the same time wait for one call."""

    def __init__(self, http: ProviderHttp, *, now: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._now = now
        self._kept: dict[str, _Kept] = {}

    async def metadata(self, issuer: str, *, anew: bool = False) -> Metadata:
        """Read anew for whoever sets the provider up, so that a corrected mistake is seen at once."""
        kept = self._of(issuer)
        async with kept.lock:
            if anew:
                kept.metadata = None
            if anew or self._now() >= kept.until:
                await self._discover(issuer, kept)
            if kept.metadata is None:
                raise kept.failure or ProviderBroken
            return kept.metadata

    async def keys(self, issuer: str, kid: str | None, algorithm: str) -> tuple[jwt.PyJWK, ...]:
        """The keys that may have made such a signature; none when the provider has no such key."""
        metadata, kept = await self.metadata(issuer), self._of(issuer)
        async with kept.lock:
            found = _fitting(kept.keys, kid, algorithm)
            is_old = self._now() >= kept.keys_until
            if is_old or (not found and self._now() - kept.keys_asked >= _KEYS_AT_MOST_EVERY):
                kept.keys_asked = self._now()
                kept.keys = _usable(await self._http.get(metadata.jwks_uri))
                kept.keys_until = self._now() + _KEEP
            return _fitting(kept.keys, kid, algorithm)

    def _of(self, issuer: str) -> _Kept:
        if issuer not in self._kept and len(self._kept) >= _MOST:
            self._kept.clear()
        return self._kept.setdefault(issuer, _Kept(asyncio.Lock()))

    async def _discover(self, issuer: str, kept: _Kept) -> None:
        """What was known goes on to be used while the provider's own description cannot be read."""
        try:
            answer = await self._http.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
            if not answer.is_fine:
                raise ProviderBroken(detail="The identity provider has no discovery document.")
            kept.metadata, kept.until = self._read(issuer, answer.body), self._now() + _KEEP
        except AppError as error:
            kept.failure, kept.until = error, self._now() + _KEEP_FAILURE

    def _read(self, issuer: str, document: Mapping[str, Any]) -> Metadata:
        if document.get("issuer") != issuer:
            raise IssuerMismatch(detail="The discovery document names another issuer.")
        endpoints = {}
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            address = document.get(name)
            if address is None and name == "userinfo_endpoint":
                continue
            if not isinstance(address, str):
                raise ProviderBroken(detail=f"The discovery document has no {name}.")
            self._http.check(address)
            endpoints[name] = address
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Metadata(
            issuer=issuer,
            authorization_endpoint=endpoints["authorization_endpoint"],
            token_endpoint=endpoints["token_endpoint"],
            jwks_uri=endpoints["jwks_uri"],
            userinfo_endpoint=endpoints.get("userinfo_endpoint"),
            posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
            tells_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        )


def _usable(answer: Any) -> tuple[jwt.PyJWK, ...]:
    """Public keys for signatures; symmetric, weak and unknown ones are left out."""
    entries = answer.body.get("keys")
    if not answer.is_fine or not isinstance(entries, list):
        raise ProviderBroken(detail="The identity provider publishes no keys.")
    found = []
    for entry in entries[:_MOST_KEYS]:
        if (
            not isinstance(entry, dict)
            or entry.get("use", "sig") != "sig"
            or entry.get("kty") not in ("RSA", "EC", "OKP")
        ):
            continue
        try:
            key = jwt.PyJWK({name: value for name, value in entry.items() if name != "d"})
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(key.key, RSAPublicKey) or key.key.key_size >= _LEAST_RSA_BITS:
            found.append(key)
    return tuple(found)


def _fitting(keys: tuple[jwt.PyJWK, ...], kid: str | None, algorithm: str) -> tuple[jwt.PyJWK, ...]:
    wanted = _KEY_TYPES[algorithm[:2]]
    return tuple(key for key in keys if key.key_type == wanted and (kid is None or key.key_id == kid))
