"""Rows of the audit log for tests, and tokens of a person who is always the same."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from gateway_client import KEY, Gateway

from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.store.entries import add_entries
from common.ids import SessionId, TenantId, UserId, new_id, public_id
from common.web.credentials import csrf_claim

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def signed(
    gateway: Gateway,
    tenant: TenantId | None,
    *,
    user: UserId | None = None,
    session: SessionId | None = None,
    scopes: tuple[str, ...] = ("audit:read", "issues:read", "exports:read"),
    csrf: str | None = None,
) -> Gateway:
    """The gateway as called by this person; without a tenant he is an operator."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": "jira-export",
        "aud": "jira-export",
        "sub": public_id("usr", user or UserId(new_id())),
        "sid": public_id("ses", session or SessionId(new_id())),
        "jti": public_id("tok", new_id()),
        "scopes": list(scopes if tenant else ("tenants:admin",)),
        "role": "admin",
        "iat": now,
        "exp": now + 600,
    }
    if csrf is not None:
        claims["csrf"] = csrf_claim(csrf)
    if tenant is not None:
        claims["tenant"] = public_id("ten", tenant)
    token = jwt.encode(claims, KEY, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "test"})
    return Gateway(gateway.client, gateway.web, {"Authorization": f"Bearer {token}"})


def entry(number: int, **more: Any) -> Entry:
    """One an hour, the newest first."""
    values: dict[str, Any] = {"at": NOW - timedelta(hours=number), "action": "member.invited", "source": "auth"}
    return Entry(**{**values, "actor_kind": "user", "actor_id": "usr_a", **more})


async def add(gateway: Gateway, tenant: TenantId, *entries: Entry) -> None:
    async with gateway.web.state.app.db.uow(tenant) as tx:
        await add_entries(tx, list(entries))
