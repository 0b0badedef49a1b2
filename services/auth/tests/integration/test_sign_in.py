"""Signing in, refreshing and signing out through the real service."""

import asyncio
from base64 import urlsafe_b64decode
from datetime import timedelta

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auth.domain.families import GRACE
from auth.domain.roles import OPERATOR_SCOPES, Role, scopes_of


async def _claims(auth, token: str) -> dict:
    keys = (await auth.http.get("/.well-known/jwks.json")).json()["keys"]
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "EdDSA"
    assert header["typ"] == "at+jwt"
    (x,) = [key["x"] for key in keys if key["kid"] == header["kid"]]
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "=="))
    return jwt.decode(token, public, algorithms=["EdDSA"], audience="jira-export", issuer="jira-export")


async def test_login_gives_a_token_pair_with_the_claims_of_the_contract(auth):
    owner = await auth.owner()
    assert set(owner.signed) == {
        "access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "session_id",
    }  # fmt: skip
    assert owner.signed["token_type"] == "Bearer"
    assert 0 < owner.signed["expires_in"] <= 600
    claims = await _claims(auth, owner.signed["access_token"])
    assert set(claims) == {"iss", "aud", "sub", "tenant", "scopes", "role", "sid", "jti", "iat", "exp", "ver"}
    assert claims["exp"] - claims["iat"] == owner.signed["expires_in"]
    assert claims["sid"] == owner.signed["session_id"]
    assert claims["tenant"].startswith("ten_")
    assert claims["role"] == "owner"
    assert set(claims["scopes"]) == scopes_of(Role.OWNER)


async def test_the_operators_token_names_no_tenant(auth):
    operator = await auth.operator()
    claims = await _claims(auth, operator.signed["access_token"])
    assert "tenant" not in claims
    assert set(claims["scopes"]) == OPERATOR_SCOPES


async def test_the_address_is_compared_without_case(auth):
    await auth.client().login("OWNER@Example.COM", auth.owner_login["password"])


@pytest.mark.parametrize("tenant", ["demo", None])
async def test_a_tenant_can_be_named_at_login(auth, tenant):
    more = {} if tenant is None else {"tenant": tenant}
    await auth.client().login(**auth.owner_login, **more)


@pytest.mark.parametrize("tenant", ["other", "ten_00000000000000000000000000", "'; --"])
async def test_a_tenant_of_others_and_one_that_is_not_there_answer_alike(auth, tenant):
    answer = await auth.http.post("/api/v1/auth/login", json={**auth.owner_login, "tenant": tenant})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.no_membership")


async def test_wrong_password_and_unknown_person_cannot_be_told_apart(auth):
    wrong = await auth.http.post("/api/v1/auth/login", json={**auth.owner_login, "password": "wrong-wrong-wrong"})
    body = {"email": "nobody@example.com", "password": "wrong-wrong-wrong"}
    unknown = await auth.http.post("/api/v1/auth/login", json=body)
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert "www-authenticate" in unknown.headers


async def test_tokens_are_not_to_be_cached(auth):
    answer = await auth.http.post("/api/v1/auth/login", json=auth.owner_login)
    assert answer.headers["cache-control"] == "no-store"


async def test_refresh_rotates_and_a_lost_reply_gives_the_same_successor(auth):
    owner = await auth.owner()
    first = owner.signed["refresh_token"]
    second, again = (await owner.refresh(first)).json(), (await owner.refresh(first)).json()
    assert second["refresh_token"] == again["refresh_token"] != first
    assert second["session_id"] == owner.signed["session_id"]
    assert (await owner.refresh(second["refresh_token"])).status_code == 200


async def test_reuse_after_the_grace_ends_the_family_and_the_session(auth, test_database):
    owner = await auth.owner()
    first = owner.signed["refresh_token"]
    second = (await owner.refresh(first)).json()["refresh_token"]
    third = (await owner.refresh(second)).json()["refresh_token"]
    auth.clock.move(GRACE + timedelta(seconds=1))
    assert (await owner.refresh(first)).status_code == 401
    assert (await owner.refresh(third)).status_code == 401
    answer = await owner.call("GET", "/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.session_ended")
    admin = await test_database.admin()
    rows = await admin.fetch("SELECT convert_from(event, 'UTF8') AS event FROM auth.outbox")
    await admin.close()
    told = [row["event"] for row in rows if owner.signed["session_id"] in row["event"]]
    assert sum('"session.refresh_reused"' in event for event in told) == 1
    assert sum('"access.session_ended.v1"' in event for event in told) == 1


async def test_a_late_double_within_the_grace_opens_no_second_line_and_ends_nothing(auth):
    owner = await auth.owner()
    first = owner.signed["refresh_token"]
    second = (await owner.refresh(first)).json()["refresh_token"]
    third = (await owner.refresh(second)).json()["refresh_token"]
    assert (await owner.refresh(first)).status_code == 401
    assert (await owner.refresh(third)).status_code == 200


async def test_of_ten_refreshes_at_once_exactly_one_line_survives(auth):
    owner = await auth.owner()
    answers = await asyncio.gather(*(owner.refresh() for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    lines = {answer.json()["refresh_token"] for answer in answers}
    alive = [token for token in lines if (await owner.refresh(token)).status_code == 200]
    assert len(alive) == 1
    assert len(lines) == 1


async def test_a_refresh_token_ends_after_its_idle_time(auth):
    owner = await auth.owner()
    auth.clock.move(timedelta(seconds=owner.signed["refresh_expires_in"] + 1))
    assert (await owner.refresh()).status_code == 401


async def test_refreshing_never_outlives_the_session(auth):
    owner = await auth.owner()
    token = owner.signed["refresh_token"]
    for _ in range(6):
        auth.clock.move(timedelta(days=13))
        signed = (await owner.refresh(token)).json()
        token = signed["refresh_token"]
    assert signed["refresh_expires_in"] == pytest.approx(timedelta(days=90 - 6 * 13).total_seconds(), abs=5)
    auth.clock.move(timedelta(days=12, seconds=5))
    assert (await owner.refresh(token)).status_code == 401


@pytest.mark.parametrize("with_refresh_token", [True, False])
async def test_logout_ends_the_session(auth, with_refresh_token):
    owner = await auth.owner()
    body = {"refresh_token": owner.signed["refresh_token"]} if with_refresh_token else None
    assert (await owner.call("POST", "/auth/logout", body)).status_code == 204
    assert (await owner.refresh()).status_code == 401
    assert (await owner.call("GET", "/me")).status_code == 401


async def test_a_refresh_token_alone_can_sign_out_and_again_without_harm(auth):
    owner = await auth.owner()
    body = {"refresh_token": owner.signed["refresh_token"]}
    for _ in range(2):
        assert (await auth.http.post("/api/v1/auth/logout", json=body)).status_code == 204
    assert (await owner.refresh()).status_code == 401


async def test_logout_without_any_token_is_refused(auth):
    assert (await auth.http.post("/api/v1/auth/logout")).status_code == 401


async def test_wrong_tries_are_slowed_and_the_right_password_from_elsewhere_still_works(auth):
    wrong = {**auth.owner_login, "password": "wrong wrong wrong"}
    statuses = [(await auth.http.post("/api/v1/auth/login", json=wrong)).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    slowed = await auth.http.post("/api/v1/auth/login", json=auth.owner_login)
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["retry-after"]) <= 300
    await auth.app.throttle.take(auth.owner_login["email"], "198.51.100.7")


async def test_one_address_may_not_try_many_accounts(auth):
    statuses = []
    for number in range(17):
        body = {"email": f"person{number}@example.com", "password": "wrong wrong wrong"}
        statuses.append((await auth.http.post("/api/v1/auth/login", json=body)).status_code)
    assert statuses == [401] * 15 + [429] * 2


async def test_a_right_password_forgives_the_wrong_ones(auth):
    wrong = {**auth.owner_login, "password": "wrong wrong wrong"}
    for _ in range(3):
        for _ in range(4):
            assert (await auth.http.post("/api/v1/auth/login", json=wrong)).status_code == 401
        await auth.owner()


async def test_jwks_lists_public_parts_only_with_cache_headers(auth):
    answer = await auth.http.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    for key in answer.json()["keys"]:
        assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}
    same = await auth.http.get("/.well-known/jwks.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\x00\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"email":"a\\u0000@b.c","password":"x"}', 422),
        (b'{"email":"a@example.com","password":"x\\u0000y"}', 422),
        (b'{"email":"a@example.com","password":"\\ud800"}', 422),
        (b'{"email":"\\ud800@example.com","password":"x"}', 422),
        (b'{"email":"a@example.com","password":1e999}', 422),
        (b'{"email":"a@example.com","password":"x","admin":true}', 422),
        (b'{"email":"a@example.com"}', 422),
        (b'{"email":["a@example.com"],"password":"x"}', 422),
        (b"[]", 422),
        (orjson.dumps({"email": "a@example.com", "password": "x" * 129}), 422),
        (orjson.dumps({"email": "a" * 300 + "@example.com", "password": "x"}), 422),
        (orjson.dumps({"email": "a@example.com", "password": "x", "tenant": "y" * 65}), 422),
    ],
)
async def test_bad_bodies_are_refused_with_a_reason(auth, body, status):
    answer = await auth.http.post("/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["x", "jer_" + "A" * 43, "é" * 20, "a.b.c"])
async def test_unknown_refresh_tokens_are_refused(auth, token):
    answer = await auth.http.post("/api/v1/auth/refresh", json={"refresh_token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.refresh_token_invalid")
