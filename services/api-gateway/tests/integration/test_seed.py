import re

import pytest
from gateway_client import Gateway


async def test_the_seed_endpoints_have_their_bodies(gateway: Gateway) -> None:
    assert (await gateway.client.get("/hello")).json() == {"message": "Привет мир!"}
    body = (await gateway.client.get("/hello/json")).json()
    assert set(body) == {"status", "message", "timestamp", "api_version"}
    assert (body["status"], body["message"], body["api_version"]) == ("success", "Привет мир!", "1.0.0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", body["timestamp"])
    for path in ("/", "/health/live", "/openapi.json", "/asyncapi", "/asyncapi.json"):
        assert (await gateway.client.get(path)).status_code == 200, path


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/asyncapi"])
async def test_pages_load_nothing_from_other_hosts(gateway: Gateway, path: str) -> None:
    page = await gateway.client.get(path)
    assert page.status_code == 200
    assert not re.search(r"""(src|href)=["']https?://""", page.text)
    for asset in re.findall(r"""(?:src|href)=["'](/[^"']+)""", page.text):
        assert (await gateway.client.get(asset)).status_code == 200, asset
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_away_peers_degrade_and_do_not_unready(gateway: Gateway) -> None:
    answer = await gateway.client.get("/health/ready")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "degraded"
    assert body["checks"]["postgres"] == "up"
    assert body["checks"]["redis"] == "up"
    assert {body["checks"][name] for name in ("auth", "jira_sync", "export_worker", "kafka")} == {"away"}


async def test_every_answer_has_security_headers(gateway: Gateway) -> None:
    for path in ("/hello", "/api/v1/issues", "/nope", "/openapi.json"):
        headers = (await gateway.client.get(path)).headers
        for name in ("x-content-type-options", "content-security-policy", "referrer-policy", "x-request-id"):
            assert name in headers, (path, name)
