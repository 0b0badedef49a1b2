"""The web layer through ASGI: problems, limits, headers, compression, callers."""

import json
import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import jwt
import pytest
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI
from jwt.algorithms import OKPAlgorithm
from pydantic import Field

from common.contracts.http.request_model import RequestModel
from common.errors import AppError, ErrorKind, register_translations
from common.ids import SessionId, TenantId, UserId, public_id
from common.settings import (
    HttpSettings,
    InternalSettings,
    KafkaSettings,
    PostgresSettings,
    ServiceSettings,
    TokenSettings,
)
from common.web.app import create_service
from common.web.health import Check
from common.web.internal import InternalCallerDep, internal_token
from common.web.tokens import Caller, TokenVerifier, requires

KEY = Ed25519PrivateKey.generate()
TENANT = TenantId(uuid.UUID(int=1))
SECRET = "s" * 40
SETTINGS = ServiceSettings.model_construct(
    http=HttpSettings(port=0, internal_port=0, max_body=2048),
    postgres=PostgresSettings(dsn="postgresql://x"),  # type: ignore[arg-type]
    kafka=KafkaSettings(bootstrap="x:1"),
    tokens=TokenSettings(jwks_url="http://auth/jwks"),
    internal=InternalSettings(secret=SECRET),  # type: ignore[arg-type]
)


class Busy(AppError):
    """The kettle is busy."""

    kind, code = ErrorKind.UPSTREAM_BUSY, "kettle.busy"


register_translations({"kettle.busy": "Чайник занят."})


class Order(RequestModel):
    name: str = Field(max_length=10)
    count: int = 1


router = APIRouter()


@router.get("/busy")
async def busy() -> None:
    raise Busy(detail="It boils.", retry_after=timedelta(seconds=7))


@router.get("/broken")
async def broken() -> None:
    raise RuntimeError("password=hunter2")


@router.get("/large")
async def large() -> dict[str, str]:
    return {"text": "abc" * 1000}


@router.post("/orders")
async def orders(order: Order) -> dict[str, int]:
    return {"count": order.count}


@router.get("/mine")
async def mine(caller: Annotated[Caller, requires("issues:read")]) -> dict[str, str]:
    return {"tenant": public_id("ten", caller.tenant)}


@router.get("/internal/v1/x")
async def inner(caller: InternalCallerDep) -> dict[str, str]:
    return {"service": caller.service}


class Ended:
    def __init__(self) -> None:
        self.ended: set[SessionId] = set()

    def is_ended(self, _tenant: TenantId, session: SessionId) -> bool:
        return session in self.ended

    def is_outdated(self, _tenant: TenantId, _user: UserId, _as_of: int) -> bool:
        return False


def jwks(_request: httpx.Request) -> httpx.Response:
    public = json.loads(OKPAlgorithm.to_jwk(KEY.public_key()))
    return httpx.Response(200, json={"keys": [{**public, "kid": "k1", "alg": "EdDSA", "use": "sig"}]})


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": "jira-export",
        "aud": "jira-export",
        "sub": public_id("usr", uuid.UUID(int=2)),
        "tenant": public_id("ten", TENANT),
        "sid": public_id("ses", uuid.UUID(int=3)),
        "jti": "j",
        "scopes": ["issues:read"],
        "role": "member",
        "iat": now,
        "exp": now + 600,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(head: dict[str, Any] | None = None, key: Any = KEY, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "k1", **(head or {})})


@pytest.fixture
def ended() -> Ended:
    return Ended()


@pytest.fixture
async def client(ended: Ended) -> AsyncIterator[httpx.AsyncClient]:
    async def up() -> bool:
        return True

    async def away() -> bool:
        raise OSError

    checks = {"postgres": Check(up, essential=True), "kafka": Check(away)}
    app: FastAPI = create_service("kettle", SETTINGS, routers=[router], checks=checks)
    async with LifespanManager(app):
        keys = httpx.AsyncClient(transport=httpx.MockTransport(jwks))
        app.state.verifier = TokenVerifier(SETTINGS.tokens, keys, ended)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://kettle") as made:
            yield made


async def test_an_error_of_ours_is_a_problem_with_its_code_and_pause(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"
    body = answer.json()
    assert (body["code"], body["title"], body["detail"]) == ("kettle.busy", "The kettle is busy.", "It boils.")
    assert body["request_id"] == answer.headers["x-request-id"]


async def test_russian_is_answered_to_those_who_ask_for_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy", headers={"Accept-Language": "de, ru;q=0.9, en;q=0.5"})
    assert answer.json()["title"] == "Чайник занят."


async def test_a_bug_is_a_blank_500_with_all_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["code"] == "server.error"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "request.malformed_json"),
        (b"\x00\xff", 400, None),
        (b"[" * 2000, 400, None),
        (b'{"name": "a\\u0000"}', 422, "request.validation"),
        (b'{"name": "a\\ud800"}', 422, "request.validation"),
        (b'{"name": "a", "surplus": 1}', 422, "request.validation"),
        (b'{"name": "much too long a name"}', 422, "request.validation"),
        (b'{"name": "' + b"a" * 3000 + b'"}', 413, "request.too_large"),
    ],
)
async def test_bad_bodies_are_told_and_never_a_500(
    client: httpx.AsyncClient, body: bytes, status: int, code: str | None
) -> None:
    answer = await client.post("/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code


async def test_validation_names_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/orders", json={"name": "ok", "count": "many"})
    assert answer.json()["errors"][0]["pointer"] == "/count"


async def test_a_body_that_lies_about_its_length_is_cut_off_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1000

    answer = await client.post("/orders", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_nul_and_endless_addresses_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/large?q=%00")).status_code == 400
    assert (await client.get("/large?q=" + "a" * 40_000)).status_code == 414


async def test_a_request_id_is_taken_over_only_when_it_is_well_formed(client: httpx.AsyncClient) -> None:
    assert (await client.get("/large", headers={"X-Request-Id": "abc-1"})).headers["x-request-id"] == "abc-1"
    assert (await client.get("/large", headers={"X-Request-Id": "a b\tc"})).headers["x-request-id"] != "a b\tc"


@pytest.mark.parametrize(
    ("accepted", "chosen"), [("gzip", "gzip"), ("br, gzip", "br"), ("zstd;q=0, gzip", "gzip"), ("identity", None)]
)
async def test_large_answers_are_compressed_by_what_the_client_takes(
    client: httpx.AsyncClient, accepted: str, chosen: str | None
) -> None:
    answer = await client.get("/large", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == chosen
    assert answer.json()["text"] == "abc" * 1000


async def test_readiness_is_200_while_only_inessential_parts_are_away(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "service": "kettle", "checks": {"postgres": "up", "kafka": "away"}}


async def test_a_good_token_names_the_caller(client: httpx.AsyncClient) -> None:
    answer = await client.get("/mine", headers={"Authorization": f"Bearer {token()}"})
    assert answer.json() == {"tenant": public_id("ten", TENANT)}


FORGED = {
    "none": lambda: jwt.encode(claims(), None, algorithm="none", headers={"typ": "at+jwt", "kid": "k1"}),
    "hmac": lambda: jwt.encode(claims(), "x" * 64, algorithm="HS512", headers={"typ": "at+jwt", "kid": "k1"}),
    "another key": lambda: token(key=Ed25519PrivateKey.generate()),
    "another type": lambda: token({"typ": "JWT"}),
    "unknown kid": lambda: token({"kid": "../../dev/null"}),
    "expired": lambda: token(exp=int(time.time()) - 60),
    "another audience": lambda: token(aud="other"),
    "another issuer": lambda: token(iss="other"),
    "no session": lambda: token(sid=None),
    "no subject": lambda: token(sub=None),
    "subject of another kind": lambda: token(sub=public_id("ten", TENANT)),
    "cut": lambda: token()[:-4],
    "huge": lambda: "a" * 60_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_tokens_are_401(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get("/mine", headers={"Authorization": f"Bearer {FORGED[name]()}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_ended_session_is_401_although_its_token_runs(client: httpx.AsyncClient, ended: Ended) -> None:
    ended.ended.add(SessionId(uuid.UUID(int=3)))
    assert (await client.get("/mine", headers={"Authorization": f"Bearer {token()}"})).status_code == 401


async def test_a_missing_scope_is_403_and_named_and_the_operator_reads_no_tenant(client: httpx.AsyncClient) -> None:
    answer = await client.get("/mine", headers={"Authorization": f"Bearer {token(scopes=[])}"})
    assert (answer.status_code, answer.json()["code"], answer.json()["scope"]) == (
        403,
        "access.scope_missing",
        "issues:read",
    )
    operator = await client.get("/mine", headers={"Authorization": f"Bearer {token(tenant=None)}"})
    assert operator.status_code == 403


async def test_internal_routes_take_internal_tokens_only(client: httpx.AsyncClient) -> None:
    good = internal_token(SETTINGS.internal, service="export-worker", tenant=TENANT)
    assert (await client.get("/internal/v1/x", headers={"Authorization": good})).json() == {"service": "export-worker"}
    forged = internal_token(InternalSettings(secret="z" * 40), service="export-worker", tenant=TENANT)  # type: ignore[arg-type]
    for bad in ("", f"Bearer {token()}", forged, "Internal x"):
        assert (await client.get("/internal/v1/x", headers={"Authorization": bad})).status_code == 401
    assert (await client.get("/mine", headers={"Authorization": good})).status_code == 401
