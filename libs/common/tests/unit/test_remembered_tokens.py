"""A verified token is remembered, and yet ends with its time, its session and its key."""

import asyncio
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common.errors import Unauthenticated
from common.ids import SessionId, TenantId, UserId, new_id, public_id
from common.settings import TokenSettings
from common.web.tokens import TokenVerifier

SESSION = SessionId(new_id())


class Auth:
    """Publishes keys, knows which sessions ended."""

    def __init__(self) -> None:
        self.keys = {"k1": Ed25519PrivateKey.generate()}
        self.ended: set[SessionId] = set()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._jwks))
        self.verifier = TokenVerifier(TokenSettings(jwks_url="http://auth.example.com/jwks"), client, self)

    def is_ended(self, _tenant: TenantId, session: SessionId) -> bool:
        return session in self.ended

    def is_outdated(self, _tenant: TenantId, _user: UserId, _as_of: int) -> bool:
        return False

    def token(self, kid: str = "k1") -> str:
        now = int(time.time())
        names = {"sub": "usr", "tenant": "ten", "jti": "tok"}
        claims: dict[str, Any] = {name: public_id(prefix, new_id()) for name, prefix in names.items()}
        claims |= {"iss": "jira-export", "aud": "jira-export", "sid": public_id("ses", SESSION), "scopes": []}
        claims |= {"role": "member", "iat": now, "exp": now + 600}
        return jwt.encode(claims, self.keys[kid], algorithm="EdDSA", headers={"typ": "at+jwt", "kid": kid})

    def _jwks(self, _: httpx.Request) -> httpx.Response:
        shown = [
            (kid, jwt.algorithms.OKPAlgorithm.to_jwk(k.public_key(), as_dict=True)) for kid, k in self.keys.items()
        ]
        return httpx.Response(200, json={"keys": [{**key, "kid": kid} for kid, key in shown]})


async def test_a_remembered_token_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = Auth()
    token = auth.token()
    assert await auth.verifier.verify(token) == await auth.verifier.verify(token)
    later = time.time() + 631
    monkeypatch.setattr("common.web.tokens.time.time", lambda: later)
    with pytest.raises(Unauthenticated):
        await auth.verifier.verify(token)


async def test_a_remembered_token_ends_with_its_session() -> None:
    auth = Auth()
    token = auth.token()
    await auth.verifier.verify(token)
    auth.ended.add(SESSION)
    with pytest.raises(Unauthenticated):
        await auth.verifier.verify(token)


async def test_a_remembered_token_ends_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = Auth()
    token = auth.token()
    await auth.verifier.verify(token)
    auth.keys = {"k2": Ed25519PrivateKey.generate()}
    auth.verifier._asked_at = float("-inf")
    await auth.verifier.verify(auth.token("k2"))
    with pytest.raises(Unauthenticated):
        await auth.verifier.verify(token)


async def test_another_token_is_never_taken_for_a_remembered_one() -> None:
    auth = Auth()
    token = auth.token()
    await auth.verifier.verify(token)
    for forged in (token + "x", token[:-1], token.upper()):
        with pytest.raises(Unauthenticated):
            await auth.verifier.verify(forged)


async def test_a_withdrawn_key_is_noticed_although_no_token_names_an_unknown_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auth = Auth()
    token = auth.token()
    await auth.verifier.verify(token)
    auth.keys = {"k2": Ed25519PrivateKey.generate()}
    monkeypatch.setattr("common.web.tokens._ASK_EVERY", 0.01)
    monkeypatch.setattr("common.web.tokens._ASK_AT_MOST_EVERY", 0.0)
    keeping = asyncio.create_task(auth.verifier.keep_keys_fresh())
    async with asyncio.timeout(5):
        while True:
            try:
                await auth.verifier.verify(token)
            except Unauthenticated:
                break
            await asyncio.sleep(0.01)
    keeping.cancel()
