"""Access tokens signed with a key of the tests' own, and a server that shows its public half."""

import asyncio
import time
from typing import Any, Self

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from notifier_node import QuietServer, free_port

from common.ids import new_id, public_id

SCOPES = ["issues:read", "connections:read", "exports:read"]


class Mint:
    """Makes tokens as auth does."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.port = free_port()
        self.jwks_url = f"http://127.0.0.1:{self.port}/.well-known/jwks.json"

    async def __aenter__(self) -> Self:
        app = FastAPI()
        public = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)

        @app.get("/.well-known/jwks.json")
        async def jwks() -> dict[str, Any]:
            return {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "EdDSA"}]}

        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, access_log=False)
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task

    def token(self, tenant: str | None, **changes: Any) -> str:
        """A token; `ttl` in seconds, other changes are claims."""
        now = int(time.time())
        ttl = changes.pop("ttl", 600)
        claims: dict[str, Any] = {
            "iss": "jira-export",
            "aud": "jira-export",
            "sub": public_id("usr", new_id()),
            "sid": public_id("ses", new_id()),
            "scopes": SCOPES,
            "role": "member",
            "jti": str(new_id()),
            "iat": now,
            "exp": now + ttl,
        }
        if tenant is not None:  # an operator's token does not name any
            claims["tenant"] = tenant
        return jwt.encode(claims | changes, self._key, algorithm="EdDSA", headers={"kid": "k1", "typ": "at+jwt"})
