"""Hostile and broken requests: 4xx problems that name what to change, never a 500."""

import pytest
from gateway_client import Gateway

from common.testing.mirror import MirrorSeed

QUERIES = [
    ("limit=0", 422, "?limit"),
    ("limit=99999", 422, "?limit"),
    ("limit=x", 422, "?limit"),
    ("cursor=%00", 400, None),
    ("cursor=AAAA", 400, None),
    ("cursor=%F0%9F%92%A9", 400, None),
    ("cursor=" + "A" * 5000, 422, "?cursor"),
    ("sort=;drop", 422, "?sort"),
    ("sort=updated,updated", 422, "?sort"),
    ("created_after=51502-01-01", 422, "?created_after"),
    ("created_after=0001-01-01T00:00:00%2B14:00", 422, "?created_after"),
    ("created_after=1700000000", 422, "?created_after"),
    ("due_before=2026-02-30", 422, "?due_before"),
    ("status=%00", 400, None),
    ("status=", 422, "?status"),
    ("status_category=doing", 422, "?status_category"),
    ("q=" + "a" * 20000, 422, "?q"),
    ("priority=%ED%A0%80", 200, None),
    ("fields=" + ",".join(["x"] * 5000), 422, "?fields"),
    ("fields=" + ",".join(f"x{n}" for n in range(400)), 422, "?fields"),
    ("fields=description", 422, "?fields"),
    ("connection=con_1", 422, "?connection"),
    ("connection=iss_00000000000000000000000000", 422, "?connection"),
    ("nonsense=1", 422, "?nonsense"),
    ("jql=project%20%3D%20D", 422, "?jql"),
    ("count=perhaps", 422, "?count"),
    ("&".join(["label=x"] * 500), 422, "?label"),
    ("q=" + "a" * 40000, 414, None),
]


@pytest.mark.parametrize(("query", "status", "pointer"), QUERIES)
async def test_a_broken_query_says_which_field(
    gateway: Gateway, mirror: MirrorSeed, query: str, status: int, pointer: str | None
) -> None:
    await mirror.issue(await mirror.jira(), "D-1")
    client = gateway.as_tenant(mirror.tenant)
    answer = await client.client.get(f"/api/v1/issues?{query}", headers=client.headers)
    assert answer.status_code == status, answer.text[:300]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]


BODIES = [
    (b"{", 400),
    (b"\x00\xff", 400),
    (b"[" * 100_000, 400),
    (b"[]", 422),
    (b'{"q":"\\u0000"}', 422),
    (b'{"q":"\\ud800"}', 422),
    (b'{"q":1e999}', 422),
    (b'{"limit":1e999}', 422),
    (b'{"limit":' + b"9" * 5000 + b"}", 400),
    (b'{"jql":"project = D"}', 422),
    (b'{"fields":"summary"}', 422),
    (b'{"highlight":"x' + b"x" * 2_000_000 + b'"}', 422),
]


@pytest.mark.parametrize(("body", "status"), BODIES)
async def test_a_broken_body_is_refused(gateway: Gateway, mirror: MirrorSeed, body: bytes, status: int) -> None:
    client = gateway.as_tenant(mirror.tenant)
    headers = {**client.headers, "content-type": "application/json"}
    answer = await client.client.post("/api/v1/issues/search", content=body, headers=headers)
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    ["/issues/%00", "/issues/%ED%A0%80", "/issues/" + "a" * 400, "/issues/..%2f..%2fx", "/attachments/x/content"],
)
async def test_a_broken_path_is_4xx(gateway: Gateway, mirror: MirrorSeed, path: str) -> None:
    client = gateway.as_tenant(mirror.tenant)
    answer = await client.client.get(f"/api/v1{path}", headers=client.headers)
    assert 400 <= answer.status_code < 500, answer.text


async def test_tokens_and_scopes_are_checked(gateway: Gateway, mirror: MirrorSeed) -> None:
    nobody = await gateway.get("/issues")
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    reader = gateway.as_tenant(mirror.tenant, scopes=("connections:read",))
    refused = await reader.get("/issues")
    assert (refused.status_code, refused.json()["scope"]) == (403, "issues:read")


async def test_only_exact_origins_may_call(gateway: Gateway) -> None:
    for origin, allowed in (("https://app.example.com", True), ("https://evil.example", False), ("null", False)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answer = await gateway.client.options("/api/v1/issues", headers=asked)
        assert (answer.headers.get("access-control-allow-origin") == origin) == allowed
        assert "x-request-id" in answer.headers
        assert ("access-control-allow-credentials" in answer.headers) == allowed
