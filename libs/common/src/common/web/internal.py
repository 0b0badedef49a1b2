"""Service to service without a user: short-lived tokens made with a shared secret, for `/internal/v1/…` routes only."""

import time
from dataclasses import dataclass
from typing import Annotated

import jwt
from fastapi import Depends, Request

from common.errors import AppError, Unauthenticated
from common.ids import TenantId, parse_id, public_id
from common.settings import InternalSettings

_LIFE = 60
_AUDIENCE = "jira-export-internal"


@dataclass(frozen=True)
class InternalCaller:
    """Another service that acts for a tenant."""

    service: str
    tenant: TenantId


def internal_token(settings: InternalSettings, *, service: str, tenant: TenantId) -> str:
    """The value of the Authorization header."""
    now = int(time.time())
    claims = {"iss": service, "aud": _AUDIENCE, "tenant": public_id("ten", tenant), "iat": now, "exp": now + _LIFE}
    token = jwt.encode(claims, settings.secret.get_secret_value(), algorithm="HS256", headers={"typ": "internal+jwt"})
    return f"Internal {token}"


async def _internal_caller(request: Request) -> InternalCaller:
    settings: InternalSettings = request.app.state.internal
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "Internal":
        raise Unauthenticated
    try:
        if jwt.get_unverified_header(token).get("typ") != "internal+jwt":
            raise Unauthenticated
        secret = settings.secret.get_secret_value()
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=_AUDIENCE, leeway=30)
        return InternalCaller(str(claims["iss"]), TenantId(parse_id("ten", claims["tenant"])))
    except (jwt.PyJWTError, AppError, KeyError, TypeError, ValueError):
        raise Unauthenticated from None


InternalCallerDep = Annotated[InternalCaller, Depends(_internal_caller)]
