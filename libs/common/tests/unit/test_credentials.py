"""Tokens by header and by cookie at one door: which counts, and what a browser has to prove."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import jwt
import pytest
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI
from starlette.requests import HTTPConnection

from common.ids import new_id, public_id
from common.settings import (
    HttpSettings,
    InternalSettings,
    KafkaSettings,
    PostgresSettings,
    ServiceSettings,
    TokenSettings,
)
from common.web.app import create_service
from common.web.credentials import csrf_claim, socket_token_of
from common.web.tokens import Caller, TokenVerifier, requires

KEY = Ed25519PrivateKey.generate()
CSRF = "csrf-token-of-the-session"
SETTINGS = ServiceSettings.model_construct(
    http=HttpSettings(port=0, internal_port=0),
    postgres=PostgresSettings(dsn="postgresql://x"),  # type: ignore[arg-type]
    kafka=KafkaSettings(bootstrap="x:1"),
    tokens=TokenSettings(jwks_url="http://auth/jwks"),
    internal=InternalSettings(secret="s" * 40),  # type: ignore[arg-type]
)
router = APIRouter()


@router.api_route("/thing", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def thing(caller: Annotated[Caller, requires(None)]) -> dict[str, str]:
    return {"role": caller.role}


def token(**more: Any) -> str:
    now = int(time.time())
    names = {"sub": "usr", "tenant": "ten", "sid": "ses"}
    claims: dict[str, Any] = {name: public_id(prefix, new_id()) for name, prefix in names.items()}
    claims |= {"iss": "jira-export", "aud": "jira-export", "jti": "j", "scopes": [], "role": "member"}
    claims |= {"iat": now, "exp": now + 600, **more}
    return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "k1"})


def cookie_token(csrf: str = CSRF) -> str:
    return token(csrf=csrf_claim(csrf))


def by_cookie(value: str, **headers: str) -> dict[str, str]:
    return {"Cookie": f"a=b; __Host-je_access={value}", **headers}


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    def jwks(_request: httpx.Request) -> httpx.Response:
        key = jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return httpx.Response(200, json={"keys": [{**key, "kid": "k1"}]})

    app: FastAPI = create_service("door", SETTINGS, routers=[router], checks={})
    async with LifespanManager(app):
        app.state.verifier = TokenVerifier(SETTINGS.tokens, httpx.AsyncClient(transport=httpx.MockTransport(jwks)))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as made:
            yield made


async def test_a_cookie_reads_without_a_csrf_token(door: httpx.AsyncClient) -> None:
    assert (await door.get("/thing", headers=by_cookie(cookie_token()))).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_cookie_changes_nothing_without_the_csrf_token_of_its_session(
    door: httpx.AsyncClient, method: str
) -> None:
    for sent in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "another"}, {"X-CSRF-Token": csrf_claim(CSRF)}):
        refused = await door.request(method, "/thing", headers=by_cookie(cookie_token(), **sent))
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.csrf")
    good = await door.request(method, "/thing", headers=by_cookie(cookie_token(), **{"X-CSRF-Token": CSRF}))
    assert good.status_code == 200


async def test_the_readable_cookie_alone_is_no_proof(door: httpx.AsyncClient) -> None:
    cookies = f"__Host-je_access={cookie_token()}; __Host-je_csrf={CSRF}"
    assert (await door.post("/thing", headers={"Cookie": cookies})).status_code == 403


async def test_a_token_that_was_not_made_to_be_a_cookie_is_none(door: httpx.AsyncClient) -> None:
    refused = await door.get("/thing", headers=by_cookie(token()))
    assert (refused.status_code, refused.json()["code"]) == (401, "access.token_invalid")


async def test_a_cookie_of_another_name_is_none(door: httpx.AsyncClient) -> None:
    for name in ("je_access", "__Secure-je_access", "__host-je_access"):
        assert (await door.get("/thing", headers={"Cookie": f"{name}={cookie_token()}"})).status_code == 401


async def test_the_header_wins_and_asks_for_no_csrf_token(door: httpx.AsyncClient) -> None:
    headers = by_cookie(cookie_token(), Authorization=f"Bearer {token(role='viewer')}")
    answer = await door.post("/thing", headers=headers)
    assert answer.json() == {"role": "viewer"}


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Basic abc", ""])
async def test_a_wrong_header_is_not_healed_by_a_good_cookie(door: httpx.AsyncClient, header: str) -> None:
    headers = by_cookie(cookie_token(), Authorization=header)
    assert (await door.get("/thing", headers=headers)).status_code == 401


def upgrade(**headers: str) -> HTTPConnection:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "websocket", "headers": raw, "path": "/", "query_string": b""})


def test_a_socket_takes_a_cookie_only_from_a_page_and_only_one_made_for_it() -> None:
    good = cookie_token()
    assert socket_token_of(upgrade(**by_cookie(good, Origin="https://app.example.com"))) == good
    assert socket_token_of(upgrade(**by_cookie(good))) == ""
    assert socket_token_of(upgrade(**by_cookie(token(), Origin="https://app.example.com"))) == ""
    assert socket_token_of(upgrade(**by_cookie("x.y", Origin="https://app.example.com"))) == ""
    assert socket_token_of(upgrade(Authorization="Bearer abc", Cookie=f"__Host-je_access={good}")) == "abc"
    assert socket_token_of(upgrade()) == ""
