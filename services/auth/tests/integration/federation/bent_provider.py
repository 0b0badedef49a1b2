"""An OpenID provider that lies as a test tells it to: its own keys, its own answers, on a real port."""

import asyncio
import base64
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "bent-client", "a client secret that is long enough for HS256"


def fresh_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass
class BentProvider:
    """`make` writes the ID token, `document` changes the discovery document, `answers` replaces whole answers."""

    issuer: str
    key: rsa.RSAPrivateKey = field(default_factory=fresh_key)
    kid: str = "one"
    sub: str = "mallory"
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    make: Callable[["BentProvider"], str] | None = None
    slow: float = 0.0
    calls: list[str] = field(default_factory=list)

    def base_claims(self) -> dict[str, Any]:
        now = int(time.time())
        person = {"email": "new@example.com", "email_verified": True, "name": "New"}
        mine = {"iss": self.issuer, "aud": CLIENT, "sub": self.sub, "iat": now, "exp": now + 300, "nonce": self.nonce}
        return {name: value for name, value in {**person, **mine, **self.claims}.items() if value is not None}

    def token(self, **header: Any) -> str:
        return jwt.encode(self.base_claims(), self.key, algorithm="RS256", headers={"kid": self.kid, **header})

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig"}]}

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._answer("discovery", self._discovery)),
            Route("/jwks", self._answer("jwks", lambda _: self.jwks())),
            Route("/token", self._answer("token", self._tokens), methods=["POST"]),
            Route("/userinfo", self._answer("userinfo", lambda _: {"sub": self.sub})),
        ]

    def _answer(self, name: str, made: Callable[[Request], dict[str, Any]]) -> Any:
        async def answer(request: Request) -> Response:
            self.calls.append(name)
            await asyncio.sleep(self.slow)
            return self.answers.get(name) or JSONResponse(made(request))

        return answer

    def _discovery(self, _: Request) -> dict[str, Any]:
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        found = {name: self.issuer + path for name, path in endpoints.items()}
        return {"issuer": self.issuer, "userinfo_endpoint": f"{self.issuer}/userinfo", **found, **self.document}

    def _tokens(self, _: Request) -> dict[str, Any]:
        made = self.make(self) if self.make else self.token()
        return {"access_token": "an access token", "token_type": "Bearer", "id_token": made}

    def settings(self, **more: Any) -> dict[str, Any]:
        """As POST /api/v1/identity-providers takes them."""
        rules = {"domains": ["example.com"], "domain_role": "member"}
        who = {"kind": "oidc", "name": "Bent", "issuer": self.issuer, "client_id": CLIENT, "client_secret": SECRET}
        return {**who, **rules, **more}


@asynccontextmanager
async def bent_provider() -> AsyncIterator[BentProvider]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        provider = BentProvider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(Starlette(routes=provider.routes()), log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listening]))
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.005)
        try:
            yield provider
        finally:
            server.should_exit = server.force_exit = True
            with suppress(asyncio.CancelledError):
                await serving


def redirect_elsewhere() -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data")
