"""Forged, altered and misused tokens, each tried through the door: all get 401 and none a 500 or an answer."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx
import jwt
import pytest
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, FastAPI

from common.ids import TenantId, public_id
from common.settings import (
    HttpSettings,
    InternalSettings,
    KafkaSettings,
    PostgresSettings,
    ServiceSettings,
    TokenSettings,
)
from common.web.app import create_service
from common.web.internal import internal_token
from common.web.token_form import MalformedToken, read_token
from common.web.tokens import Caller, TokenVerifier, requires

KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
RAW = PUBLIC.public_bytes_raw()
JWK = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1"}
INTERNAL = InternalSettings(secret="s" * 40)  # type: ignore[arg-type]
SETTINGS = ServiceSettings.model_construct(
    http=HttpSettings(port=0, internal_port=0),
    postgres=PostgresSettings(dsn="postgresql://x"),  # type: ignore[arg-type]
    kafka=KafkaSettings(bootstrap="x:1"),
    tokens=TokenSettings(jwks_url="http://auth/jwks"),
    internal=INTERNAL,
)
HEAD = {"alg": "EdDSA", "typ": "at+jwt", "kid": "k1"}
router = APIRouter()


@router.get("/mine")
async def mine(caller: Annotated[Caller, requires("issues:read")]) -> dict[str, str]:
    return {"tenant": public_id("ten", caller.tenant)}


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": "jira-export",
        "aud": "jira-export",
        "sub": public_id("usr", uuid.UUID(int=2)),
        "tenant": public_id("ten", uuid.UUID(int=1)),
        "sid": public_id("ses", uuid.UUID(int=3)),
        "jti": "j",
        "scopes": ["issues:read"],
        "role": "member",
        "iat": now,
        "exp": now + 600,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def signed(head: Any = None, body: Any = None, key: Ed25519PrivateKey = KEY) -> str:
    text = f"{b64(HEAD if head is None else head)}.{b64(claims() if body is None else body)}"
    return f"{text}.{b64(key.sign(text.encode()))}"


def hs256(secret: bytes) -> str:
    text = f"{b64({**HEAD, 'alg': 'HS256'})}.{b64(claims())}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def with_header(**members: Any) -> Callable[[], str]:
    return lambda: signed(head={**HEAD, **members})


def with_claims(**changes: Any) -> Callable[[], str]:
    return lambda: signed(body=claims(**changes))


def doubled(member: str, value: str) -> str:
    """A second member of the same name, put in behind the first; the signature is right."""
    text = json.dumps(claims())[:-1] + f', "{member}": {value}}}'
    return signed(body=text.encode())


def loose_base64() -> str:
    """Another text for the same signature: the last sign of 64 bytes has four bits that a lax reader ignores."""
    token = signed()
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + signs[signs.index(token[-1]) ^ 1]


def detached() -> str:
    """RFC 7797: with b64=false the body is signed as it is."""
    head, body = b64({**HEAD, "b64": False, "crit": ["b64"]}), json.dumps(claims())
    return f"{head}.{b64(body.encode())}.{b64(KEY.sign(f'{head}.{body}'.encode()))}"


def now(seconds: int) -> int:
    return int(time.time()) + seconds


PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
# Made when they are asked for: a slow run must not make the future the present.
FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: f"{b64({**HEAD, 'alg': 'none'})}.{b64(claims())}.",
    "alg None with signature": with_header(alg="None"),
    "alg in lower case": with_header(alg="eddsa"),
    "alg as a list": with_header(alg=["EdDSA"]),
    "hs256 with the raw public key": lambda: hs256(RAW),
    "hs256 with the key as pem": lambda: hs256(PEM),
    "hs256 with the key as jwk": lambda: hs256(json.dumps({**JWK, "x": b64(RAW)}).encode()),
    "rs256": with_header(alg="RS256"),
    "own key under a known name": lambda: signed(key=OTHER_KEY),
    "kid path": with_header(kid="../../../../dev/null"),
    "kid sql": with_header(kid="' UNION SELECT 'x' --"),
    "kid address": with_header(kid="http://127.0.0.1:1/jwks"),
    "kid unknown": with_header(kid="k2"),
    "kid empty": with_header(kid=""),
    "kid as a number": with_header(kid=1),
    "kid as a list": with_header(kid=["k1"]),
    "no kid": lambda: signed(head={"alg": "EdDSA", "typ": "at+jwt"}),
    "jku": with_header(jku="http://127.0.0.1:1/jwks"),
    "x5u": with_header(x5u="http://127.0.0.1:1/cert"),
    "x5c": with_header(x5c=["MIIB"]),
    "own jwk": lambda: signed(head={**HEAD, "jwk": {**JWK, "x": b64(OTHER_KEY.public_key().public_bytes_raw())}}),
    "crit": with_header(crit=["exp"]),
    "crit empty": with_header(crit=[]),
    "b64 false": detached,
    "zip": with_header(zip="DEF"),
    "nested": lambda: signed(head={**HEAD, "cty": "JWT"}, body=signed().encode()),
    "nested without cty": lambda: signed(body=signed().encode()),
    "typ of an id token": with_header(typ="JWT"),
    "typ missing": lambda: signed(head={"alg": "EdDSA", "kid": "k1"}),
    "typ of an internal token": with_header(typ="internal+jwt"),
    "header is a list": lambda: signed(head=[HEAD]),
    "header doubled": lambda: signed(head=b'{"alg":"none","typ":"at+jwt","kid":"k1","alg":"EdDSA"}'),
    "other audience": with_claims(aud="another"),
    "audience as a list": with_claims(aud=["jira-export", "another"]),
    "no audience": with_claims(aud=...),
    "other issuer": with_claims(iss="https://evil.example"),
    "issuer as a list": with_claims(iss=["jira-export"]),
    "expired": lambda: signed(body=claims(iat=now(-700), exp=now(-100))),
    "expired beyond the skew": lambda: signed(body=claims(iat=now(-600), exp=now(-31))),
    "made in the future": lambda: signed(body=claims(iat=now(40), exp=now(600))),
    "not yet valid": lambda: signed(body=claims(nbf=now(40))),
    "lives too long": lambda: signed(body=claims(exp=now(3600))),
    "lives for ever": with_claims(exp=2**62),
    "ends as a text": lambda: signed(body=claims(exp=str(now(600)))),
    "ends as a fraction": lambda: signed(body=claims(exp=now(600) + 0.5)),
    "ends never": lambda: signed(body=json.dumps(claims()).replace(f"{claims()['exp']}", "1e999").encode()),
    "ends as true": with_claims(exp=True),
    "no end": with_claims(exp=...),
    "no session": with_claims(sid=...),
    "session of another kind": with_claims(sid=public_id("usr", uuid.UUID(int=3))),
    "no id": with_claims(jti=...),
    "scopes as a text": with_claims(scopes="issues:read"),
    "scopes as numbers": with_claims(scopes=[1]),
    "tenant as a number": with_claims(tenant=1),
    "tenant of another kind": with_claims(tenant=public_id("usr", uuid.UUID(int=1))),
    "subject doubled": lambda: doubled("sub", json.dumps(public_id("usr", uuid.UUID(int=9)))),
    "tenant doubled": lambda: doubled("tenant", json.dumps(public_id("ten", uuid.UUID(int=9)))),
    "tenant doubled by an escape": lambda: doubled("ten\\u0061nt", json.dumps(public_id("ten", uuid.UUID(int=9)))),
    "scopes doubled": lambda: doubled("scopes", '["tenants:admin"]'),
    "body is a list": lambda: signed(body=[claims()]),
    "body is utf-16": lambda: signed(body=json.dumps(claims()).encode("utf-16")),
    "body is bottomless": lambda: signed(body=b"[" * 4_000),
    "body is no json": lambda: signed(body=b"\xff\xfe{"),
    "other tenant put in": lambda: f"{signed().split('.')[0]}.{b64(claims(tenant='ten_0'))}.{signed().split('.')[2]}",
    "signature of another token": lambda: f"{signed().rpartition('.')[0]}.{signed(key=OTHER_KEY).split('.')[2]}",
    "signature missing": lambda: signed().rpartition(".")[0] + ".",
    "signature padded": lambda: signed() + "==",
    "signature in loose base64": loose_base64,
    "signature short": lambda: signed()[:-2],
    "four parts": lambda: signed() + ".x",
    "five parts": lambda: signed() + ".x.y",
    "two parts": lambda: signed().rpartition(".")[0],
    "space inside": lambda: signed().replace(".", ". ", 1),
    "tab behind": lambda: signed() + "\t.",
    "line inside": lambda: signed().replace(".", "%0a.", 1),
    "standard base64": lambda: signed().replace("-", "+").replace("_", "/") + "+",
    "huge": lambda: signed(body=claims(role="x" * 60_000)),
    "refresh token": lambda: "jer_" + "A" * 43,
    "internal token": lambda: internal_token(INTERNAL, service="x", tenant=TenantId(uuid.UUID(int=1))).split()[1],
    "api token with a wrong checksum": lambda: "jex_" + "A" * 38,
    "two tokens": lambda: f"{signed()}, {signed()}",
    "nothing but dots": lambda: "...",
}


@pytest.fixture(scope="module")
async def door() -> AsyncIterator[httpx.AsyncClient]:
    def jwks(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": [{**JWK, "x": b64(RAW)}]})

    app: FastAPI = create_service("door", SETTINGS, routers=[router], checks={})
    async with LifespanManager(app):
        app.state.verifier = TokenVerifier(SETTINGS.tokens, httpx.AsyncClient(transport=httpx.MockTransport(jwks)))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as made:
            yield made


async def ask(door: httpx.AsyncClient, token: str) -> httpx.Response:
    return await door.get("/mine", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_refused(door: httpx.AsyncClient, name: str) -> None:
    answer = await ask(door, FORGED[name]())
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == ("auth.token_expired" if name.startswith("expired") else "access.token_invalid")
    assert "www-authenticate" in answer.headers


async def test_the_token_that_the_forgeries_are_made_of_is_good(door: httpx.AsyncClient) -> None:
    assert (await ask(door, signed())).status_code == 200
    assert jwt.decode(signed(), PUBLIC, algorithms=["EdDSA"], audience="jira-export")["role"] == "member"


@pytest.mark.parametrize("changes", [{"iat": 25}, {"nbf": 25}, {"iat": -590, "exp": -25}])
async def test_clocks_may_differ_by_half_a_minute(door: httpx.AsyncClient, changes: dict[str, int]) -> None:
    moved = {name: now(seconds) for name, seconds in changes.items()}
    assert (await ask(door, signed(body=claims(**moved)))).status_code == 200


async def test_another_tenants_token_opens_only_its_own_tenant(door: httpx.AsyncClient) -> None:
    other = public_id("ten", uuid.UUID(int=9))
    assert (await ask(door, signed(body=claims(tenant=other)))).json() == {"tenant": other}


async def test_an_expired_token_of_somebody_elses_making_is_only_invalid(door: httpx.AsyncClient) -> None:
    token = signed(body=claims(iat=now(-900), exp=now(-400)), key=OTHER_KEY)
    assert (await ask(door, token)).json()["code"] == "access.token_invalid"


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "Token x", "bearer\tx", "Internal x"])
async def test_other_authorization_headers_are_refused(door: httpx.AsyncClient, header: str) -> None:
    assert (await door.get("/mine", headers={"Authorization": header})).status_code == 401


async def test_two_authorization_headers_are_refused(door: httpx.AsyncClient) -> None:
    both = [("Authorization", f"Bearer {signed()}"), ("Authorization", f"Bearer {signed()}")]
    assert (await door.get("/mine", headers=both)).status_code == 401


def test_no_other_text_reads_as_the_same_token() -> None:
    """Every sign changed to each of its neighbours: what still reads has another header, body or signature."""
    token = signed()
    whole = read_token(token)
    for place in range(len(token)):
        for sign in "Aa0-_":
            other = token[:place] + sign + token[place + 1 :]
            try:
                found = read_token(other)
            except MalformedToken:
                continue
            same = (found.signed, found.signature) == (whole.signed, whole.signature)
            assert same is (other == token)
