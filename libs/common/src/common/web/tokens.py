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

from common.errors import (
    AppError,
    KeysUnavailable,
    ScopeMissing,
    SessionEnded,
    TokenExpired,
    TokenOutdated,
    TokenRevoked,
    Unauthenticated,
)
from common.ids import PLATFORM, SessionId, TenantId, UserId, parse_id
from common.settings import TokenSettings
from common.telemetry.context import bind_tenant
from common.web.api_tokens import API_TOKEN_PREFIX, ApiTokens, Exchange
from common.web.credentials import check_cookie, credentials_of
from common.web.token_form import MalformedToken, read_token

log = structlog.get_logger(__name__)

__all__ = [
    "SCOPES",
    "Caller",
    "EndedSessions",
    "KeysUnavailable",
    "NoneEnded",
    "Operator",
    "Requirement",
    "TokenVerifier",
    "caller_of",
    "requires",
    "requires_operator",
]

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
_ASK_EVERY = 60.0
_ASK_AT_MOST_EVERY = 2.0
_MOST_VERIFIED = 10_000


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
    as_of: int = 0  # microseconds since 1970: when what the token says of its owner was last changed
    csrf: str | None = None
    api_token: str | None = None


@dataclass(frozen=True)
class Operator:
    """The platform operator: belongs to no tenant and reads no tenant's data."""

    user: UserId
    session: SessionId
    scopes: frozenset[str]
    csrf: str | None = None


class EndedSessions(Protocol):
    """Knows which sessions ended, and whose rights changed, before their access tokens ended."""

    def is_ended(self, tenant: TenantId, session: SessionId) -> bool: ...

    def is_outdated(self, tenant: TenantId, user: UserId, as_of: int) -> bool: ...


class NoneEnded:
    """For services behind the gateway, which has asked already."""

    def is_ended(self, _tenant: TenantId, _session: SessionId) -> bool:
        return False

    def is_outdated(self, _tenant: TenantId, _user: UserId, _as_of: int) -> bool:
        return False


class TokenVerifier:
    """Verifies access tokens; keeps auth's keys and asks for them again when a token names an unknown one."""

    def __init__(
        self,
        settings: TokenSettings,
        client: httpx.AsyncClient,
        ended: EndedSessions | None = None,
        *,
        exchange: Exchange | None = None,
    ) -> None:
        self._settings = settings
        self._client = client
        self._ended = ended or NoneEnded()
        self._api_tokens = None if exchange is None else ApiTokens(exchange)
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._verified: dict[str, tuple[Caller | Operator, float]] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Caller | Operator:
        """Raises `Unauthenticated` for anything but a whole, fresh, unended token, of whichever kind."""
        if token.startswith(API_TOKEN_PREFIX) and self._api_tokens is not None:
            return await self._verify_api_token(token, self._api_tokens)
        who, ends = self._verified.get(token) or await self._verified_now(token)
        if time.time() >= ends:
            self._verified.pop(token, None)
            raise TokenExpired
        if self._ended.is_ended(who.tenant if isinstance(who, Caller) else PLATFORM, who.session):
            raise SessionEnded
        if isinstance(who, Caller) and self._ended.is_outdated(who.tenant, who.user, who.as_of):
            raise TokenOutdated
        return who

    async def _verify_api_token(self, text: str, tokens: ApiTokens) -> Caller | Operator:
        """A change of rights is no matter of the machine that holds the token: it goes on with what is left."""
        try:
            return await self.verify(await tokens.access_token_of(text))
        except SessionEnded:
            raise TokenRevoked from None
        except (TokenOutdated, TokenExpired):
            tokens.forget(text)
        return await self.verify(await tokens.access_token_of(text))

    async def keep_keys_fresh(self) -> None:
        """Asks for the keys every minute, so that a withdrawn one is noticed although no token names an unknown one."""
        while True:
            await asyncio.sleep(_ASK_EVERY)
            with suppress(KeysUnavailable):
                await self._refresh()

    async def _verified_now(self, token: str) -> "tuple[Caller | Operator, float]":
        """Who it is and when that ends; remembered, because checking a signature costs more than many a read."""
        try:
            found = read_token(token)
        except MalformedToken:
            raise Unauthenticated from None
        key = await self._key_of(found.kid)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway,
                options={"require": ["exp", "iat", "sub", "sid", "jti", "aud", "iss"], "strict_aud": True},
            )
            who = _who(claims, token)
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except (jwt.PyJWTError, AppError, KeyError, TypeError, ValueError, OverflowError):
            raise Unauthenticated from None
        if len(self._verified) >= _MOST_VERIFIED:
            self._verified.clear()
        kept = self._verified[token] = (who, claims["exp"] + self._settings.leeway.total_seconds())
        return kept

    async def _key_of(self, kid: str) -> Ed25519PublicKey:
        """Only a name in our own set; nothing is ever fetched from where a token says."""
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
    scopes = frozenset(claims["scopes"])
    csrf = claims.get("csrf")
    if claims.get("tenant") is None:
        return Operator(user, session, scopes, csrf)
    tenant = TenantId(parse_id("ten", claims["tenant"]))
    # A token that does not tell the version of its owner's rights is taken for as new as its second allows.
    as_of = claims.get("ver", claims["iat"] * 1_000_000 + 999_999)
    return Caller(
        user, tenant, session, scopes, claims["role"], token, claims["exp"], as_of, csrf, claims.get("api_token")
    )


async def caller_of(request: Request) -> Caller | Operator:
    """Who sends the request, by header or by cookie; kept in its state for whoever passes it on."""
    given = credentials_of(request)
    verifier: TokenVerifier = request.app.state.verifier
    who = await verifier.verify(given.token)
    if given.by_cookie:
        check_cookie(request, who.csrf)
    request.state.caller = who
    request.state.by_cookie = given.by_cookie
    return who


class Requirement(Depends):
    """A dependency that knows its scope (None = signed in is enough), so that OpenAPI and tests can read it off."""

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
        who = await caller_of(request)
        if isinstance(who, Caller):
            bind_tenant(str(who.tenant))
            if scope not in who.scopes:
                raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        return who

    return _requirement(scope, "reader", reader)


def requires_operator() -> Any:
    """The platform operator."""

    async def operator(request: Request) -> Operator:
        who = await caller_of(request)
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
        who = await caller_of(request)
        if isinstance(who, Operator):
            raise ScopeMissing(detail="The platform operator cannot read a tenant's data.")
        bind_tenant(str(who.tenant))
        if scope is not None and scope not in who.scopes:
            raise ScopeMissing(detail=f"This needs the scope {scope}.", extra={"scope": scope})
        return who

    return caller
