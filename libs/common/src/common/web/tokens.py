"""Callers: access tokens are verified offline with auth's public keys; a route names the scope that it needs."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request
from fastapi.params import Depends

from common.errors import AppError, ErrorKind, ScopeMissing, Unauthenticated, register_translations
from common.ids import SessionId, TenantId, UserId, parse_id
from common.settings import TokenSettings
from common.telemetry.context import bind_tenant

log = structlog.get_logger(__name__)

#: Every scope there is; a route may name no other.
SCOPES = {
    "issues:read": "Read issues, comments, history and attachments",
    "issues:write": "Change issues",
    "exports:read": "Read exports and their files",
    "exports:create": "Create and cancel exports",
    "connections:read": "See connections and their state",
    "connections:admin": "Create, change and delete connections",
    "users:read": "See the members of the tenant",
    "users:admin": "Manage the members of the tenant",
    "tenant:admin": "Change the tenant's settings",
    "tokens:admin": "See and revoke the API tokens of all members",
    "audit:read": "Read the audit log",
    "tenants:admin": "Manage tenants (platform operator)",
}
_MAX_TOKEN = 8_192
_ASK_EVERY = 60.0
_ASK_AT_MOST_EVERY = 2.0
_MOST_VERIFIED = 10_000


class KeysUnavailable(AppError):
    """Access tokens cannot be checked just now; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "auth.unavailable"


register_translations({"auth.unavailable": "Служба входа сейчас недоступна; повторите чуть позже."})


@dataclass(frozen=True)
class Caller:
    """Who is calling, proved by the token."""

    user: UserId
    tenant: TenantId
    session: SessionId
    scopes: frozenset[str]
    role: str
    token: str
    expires_at: int  # seconds since 1970


@dataclass(frozen=True)
class Operator:
    """The platform operator: belongs to no tenant and reads no tenant's data."""

    user: UserId
    session: SessionId
    scopes: frozenset[str]


class EndedSessions(Protocol):
    """Knows which sessions ended before their access tokens did."""

    def is_ended(self, session: SessionId) -> bool: ...


class NoneEnded:
    """For services behind the gateway, which has asked already."""

    def is_ended(self, _session: SessionId) -> bool:
        return False


class TokenVerifier:
    """Verifies access tokens; keeps auth's keys and asks for them again when a token names an unknown one."""

    def __init__(self, settings: TokenSettings, client: httpx.AsyncClient, ended: EndedSessions | None = None) -> None:
        self._settings = settings
        self._client = client
        self._ended = ended or NoneEnded()
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._verified: dict[str, tuple[Caller | Operator, float]] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Caller | Operator:
        """Raises `Unauthenticated` for anything but a whole, fresh, unended access token."""
        if not token or len(token) > _MAX_TOKEN or not token.isascii():
            raise Unauthenticated
        who, ends = self._verified.get(token) or await self._verified_now(token)
        if time.time() >= ends:
            self._verified.pop(token, None)
            raise Unauthenticated
        if self._ended.is_ended(who.session):
            raise Unauthenticated(detail="The session has ended.")
        return who

    async def keep_keys_fresh(self) -> None:
        """Asks for the keys every minute, so that a withdrawn one is noticed although no token names an unknown one."""
        while True:
            await asyncio.sleep(_ASK_EVERY)
            with suppress(KeysUnavailable):
                await self._refresh()

    async def _verified_now(self, token: str) -> "tuple[Caller | Operator, float]":
        """Who it is and when that ends; remembered, because checking a signature costs more than many a read."""
        key = await self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway,
                options={"require": ["exp", "iat", "sub", "sid", "jti", "aud", "iss"]},
            )
            who = _who(claims, token)
        except (jwt.PyJWTError, AppError, KeyError, TypeError, ValueError):
            raise Unauthenticated from None
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        found = self._verified[token] = (who, int(claims["exp"]) + self._settings.leeway.total_seconds())
        return found

    async def _key_of(self, token: str) -> Ed25519PublicKey:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthenticated from None
        kid = header.get("kid")
        if (
            header.get("typ") != "at+jwt"
            or header.get("alg") != "EdDSA"
            or not isinstance(kid, str)
            or "crit" in header
        ):
            raise Unauthenticated
        if kid not in self._keys:
            await self._refresh()
        key = self._keys.get(kid)
        if key is None:
            raise Unauthenticated
        return key

    async def _refresh(self) -> None:
        """Asks auth at most once in two seconds, however many tokens name unknown keys."""
        async with self._lock:
            if time.monotonic() - self._asked_at < _ASK_AT_MOST_EVERY:
                return
            self._asked_at = time.monotonic()
            try:
                answer = await self._client.get(self._settings.jwks_url, timeout=5)
                answer.raise_for_status()
                keys = answer.json()["keys"]
                found = {item["kid"]: _public_key(item) for item in keys if item.get("crv") == "Ed25519"}
                if self._keys.keys() - found.keys():
                    self._verified.clear()  # a key that was withdrawn vouches for nothing any more
                self._keys = found
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("jwks_unavailable", error=type(error).__name__)
                if not self._keys:
                    self._asked_at = float("-inf")
                    raise KeysUnavailable(retry_after=timedelta(seconds=2)) from None


def _public_key(item: dict[str, Any]) -> Ed25519PublicKey:
    key = jwt.PyJWK(item, algorithm="EdDSA").key
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("not a public Ed25519 key")
    return key


def _who(claims: dict[str, Any], token: str) -> Caller | Operator:
    user = UserId(parse_id("usr", claims["sub"]))
    session = SessionId(parse_id("ses", claims["sid"]))
    scopes = frozenset(str(scope) for scope in claims["scopes"])
    if claims.get("tenant") is None:
        return Operator(user, session, scopes)
    tenant = TenantId(parse_id("ten", claims["tenant"]))
    return Caller(user, tenant, session, scopes, str(claims["role"]), token, int(claims["exp"]))


def bearer_of(request: Request) -> str:
    """The bearer token of a request; raises `Unauthenticated` when there is none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated(detail="Send Authorization: Bearer <access token>.")
    return token.strip()


class Requirement(Depends):
    """A dependency that knows its scope, so that OpenAPI and tests can read it off the route."""

    needed_scope: str | None
    who: str


def requires(scope: str | None) -> Any:
    """The caller, who must hold `scope` (None = any signed-in member of a tenant)."""
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")
    return _requirement(scope, "caller", _caller_with(scope))


def requires_reader(scope: str) -> Any:
    """A member of a tenant who holds `scope`, or the platform operator, who sees what is the platform's own."""

    async def reader(request: Request) -> Caller | Operator:
        who = await _verify(request)
        if isinstance(who, Caller):
            bind_tenant(str(who.tenant))
            if scope not in who.scopes:
                raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        return who

    return _requirement(scope, "reader", reader)


def requires_operator() -> Any:
    """The platform operator."""

    async def operator(request: Request) -> Operator:
        who = await _verify(request)
        if not isinstance(who, Operator):
            raise ScopeMissing(detail="Only the platform operator may do this.", extra={"scope": "tenants:admin"})
        return who

    return _requirement("tenants:admin", "operator", operator)


def _requirement(scope: str | None, who: str, dependency: Callable[..., Any]) -> Requirement:
    requirement = Requirement(dependency)
    object.__setattr__(requirement, "needed_scope", scope)
    object.__setattr__(requirement, "who", who)
    return requirement


def _caller_with(scope: str | None) -> Callable[..., Any]:
    async def caller(request: Request) -> Caller:
        who = await _verify(request)
        if isinstance(who, Operator):
            raise ScopeMissing(detail="The platform operator cannot read a tenant's data.")
        bind_tenant(str(who.tenant))
        if scope is not None and scope not in who.scopes:
            raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        return who

    return caller


async def _verify(request: Request) -> Caller | Operator:
    verifier: TokenVerifier = request.app.state.verifier
    who = await verifier.verify(bearer_of(request))
    request.state.who = who  # for what stands around the door: the audit log
    return who
