"""Pages of other origins: exactly those that the operator or the caller's own tenant named."""

import asyncio
import time

import pytest
from gateway_client import Gateway

from common.ids import TenantId
from common.testing.databases import TestDatabase
from common.testing.mirror import MirrorSeed

OPERATORS = "https://app.example.com"
OWN = "https://own.example.com"
ALLOWED = "access-control-allow-origin"


@pytest.fixture
async def tenant(test_database: TestDatabase, mirror: MirrorSeed) -> TenantId:
    """A tenant that lets pages of OWN in."""
    admin = await test_database.admin()
    await admin.execute("DELETE FROM auth.tenant_origins")
    await admin.execute("INSERT INTO auth.tenant_origins (tenant_id, origin) VALUES ($1, $2)", mirror.tenant, OWN)
    await admin.close()
    return mirror.tenant


async def _preflight(gateway: Gateway, origin: str) -> tuple[int, str | None]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    answer = await gateway.client.options("/api/v1/issues", headers=asked)
    assert "Origin" in answer.headers["vary"]
    assert "x-request-id" in answer.headers
    assert "content-security-policy" in answer.headers
    if answer.status_code == 204:
        assert answer.headers["access-control-max-age"] == "600"
        assert "PATCH" in answer.headers["access-control-allow-methods"]
        assert "X-CSRF-Token" in answer.headers["access-control-allow-headers"]
        assert answer.headers["access-control-allow-credentials"] == "true"
    return answer.status_code, answer.headers.get(ALLOWED)


async def test_preflights_let_in_exact_origins_of_the_operator_and_of_any_tenant(
    gateway: Gateway, tenant: TenantId
) -> None:
    for origin in (OPERATORS, OWN):
        assert await _preflight(gateway, origin) == (204, origin)
    strange = ["https://evil.example", "null", "*", "", OWN + "/", OWN + ":443", OWN.upper(), "http://own.example.com"]
    strange += ["https://own.example.com.evil.example", "https://x.own.example.com", OWN + "\x00", "x" * 5000]
    for origin in strange:
        assert await _preflight(gateway, origin) == (403, None), origin


async def test_an_answer_opens_only_to_the_origins_of_its_callers_tenant(
    gateway: Gateway, tenant: TenantId, other_mirror: MirrorSeed
) -> None:
    own, stranger = gateway.as_tenant(tenant), gateway.as_tenant(other_mirror.tenant)
    cases = [
        (own, OWN, OWN),
        (own, OPERATORS, OPERATORS),
        (stranger, OPERATORS, OPERATORS),
        (stranger, OWN, None),
        (gateway, OWN, OWN),
        (own, "https://evil.example", None),
        (own, "null", None),
    ]
    for client, origin, expected in cases:
        for path in ("/connections", "/nothing"):
            answer = await client.get(path, headers={"Origin": origin})
            assert answer.headers.get(ALLOWED) == expected, (origin, path)
            assert ("access-control-allow-credentials" in answer.headers) == (expected is not None)
            assert "Origin" in answer.headers["vary"]
    plain = await own.get("/connections")
    assert ALLOWED not in plain.headers
    assert "Origin" in plain.headers["vary"]
    assert (
        "RateLimit" in (await own.get("/connections", headers={"Origin": OWN})).headers["access-control-expose-headers"]
    )


async def test_two_origins_in_one_request_are_none(gateway: Gateway, tenant: TenantId) -> None:
    headers = [("Origin", OPERATORS), ("Origin", "https://evil.example")]
    answer = await gateway.client.get("/hello", headers=headers)
    assert ALLOWED not in answer.headers


async def test_an_origin_that_a_tenant_took_back_is_out_within_seconds(
    gateway: Gateway, tenant: TenantId, test_database: TestDatabase
) -> None:
    assert (await _preflight(gateway, OWN))[0] == 204
    admin = await test_database.admin()
    await admin.execute("DELETE FROM auth.tenant_origins WHERE tenant_id = $1", tenant)
    await admin.close()
    deadline = time.monotonic() + 10
    while (await _preflight(gateway, OWN))[0] != 403:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
