"""A client of a gateway under test, and tokens signed by a key of the test's own."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common.ids import TenantId, UserId, new_id, public_id
from common.web.tokens import SCOPES

KEY = Ed25519PrivateKey.generate()
NOWHERE = "http://127.0.0.1:9"


def token(
    tenant: TenantId,
    *,
    scopes: tuple[str, ...] = tuple(SCOPES),
    session: Any = None,
    role: str = "member",
    user: UserId | None = None,
) -> str:
    """An access token as auth makes it."""
    now = int(time.time())
    claims = {
        "iss": "jira-export",
        "aud": "jira-export",
        "sub": public_id("usr", user or UserId(new_id())),
        "tenant": public_id("ten", tenant),
        "sid": public_id("ses", session or new_id()),
        "jti": public_id("tok", new_id()),
        "scopes": list(scopes),
        "role": role,
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "test"})


def jwks() -> dict[str, Any]:
    """What auth publishes."""
    key = jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return {"keys": [{**key, "kid": "test", "alg": "EdDSA", "use": "sig"}]}


@dataclass
class Gateway:
    """A client of the running gateway."""

    client: httpx.AsyncClient
    web: Any
    headers: dict[str, str] = field(default_factory=dict)

    def as_tenant(self, tenant: TenantId, **options: Any) -> "Gateway":
        """The same gateway, called by a member of a tenant."""
        return Gateway(self.client, self.web, {"Authorization": f"Bearer {token(tenant, **options)}"})

    async def get(self, path: str, headers: Mapping[str, str] | None = None, **params: Any) -> httpx.Response:
        """GET below /api/v1."""
        return await self.client.get(f"/api/v1{path}", params=params, headers={**self.headers, **(headers or {})})

    async def post(self, path: str, body: Any) -> httpx.Response:
        """POST below /api/v1."""
        return await self.client.post(f"/api/v1{path}", json=body, headers=self.headers)

    async def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.get(path, **params, **cursor)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    async def keys(self, **params: Any) -> list[str]:
        """The keys of a list of issues, over all pages."""
        return [item["key"] for item in await self.items("/issues", **params)]


StartGateway = Callable[..., Any]
