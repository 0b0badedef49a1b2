"""A person's way through a sign-in by another provider, step by step, so that a test can bend any of them."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import httpx
from openid_provider import OpenIdProvider, query_of

COOKIE = "__Host-je_signin"
JSON = {"Accept": "application/json"}


@dataclass
class Begun:
    """Where the browser was sent, and the cookie that it keeps."""

    answer: httpx.Response

    @property
    def location(self) -> str:
        return self.answer.headers["location"]

    @property
    def asked(self) -> dict[str, str]:
        return query_of(self.location)

    @property
    def cookie(self) -> str:
        return SimpleCookie(self.answer.headers["set-cookie"])[COOKIE].value


@dataclass
class Door:
    """Auth as a browser sees it, with the tenant's administrator at hand."""

    auth: Any
    tenant: str = "demo"
    admin: Any = None
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))

    async def set_up(self, **settings: Any) -> dict[str, Any]:
        self.admin = self.admin or await self.auth.owner()
        answer = await self.admin.call("POST", "/identity-providers", settings)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def begin(self, provider: str, **more: str) -> Begun:
        query = urlencode({"tenant": self.tenant, **more})
        answer = await self.auth.http.get(f"/api/v1/auth/oidc/{provider}/start?{query}")
        assert answer.status_code == 302, answer.text
        return Begun(answer)

    async def come_back(
        self, query: dict[str, str], cookie: str | None, path: str = "/api/v1/auth/oidc/callback", **headers: str
    ) -> httpx.Response:
        sent = {**self.headers, **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {}), **headers}
        answer: httpx.Response = await self.auth.http.get(f"{path}?{urlencode(query)}", headers=sent)
        return answer

    async def sign_in(self, openid: OpenIdProvider, provider: str, sub: str) -> httpx.Response:
        begun = await self.begin(provider)
        return await self.come_back(query_of(await openid.let_in(begun.location, sub)), begun.cookie)


async def me_of(auth: Any, signed: dict[str, Any]) -> dict[str, Any]:
    answer = await auth.http.get("/api/v1/me", headers={"Authorization": f"Bearer {signed['access_token']}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
