"""Every answer of every route in the API description, good or bad, carries the security headers."""

import re
from typing import Any

import pytest
from gateway_client import Gateway, StartGateway
from peer_server import running_peer

from common.ids import new_id, public_id
from common.testing.mirror import MirrorSeed
from common.web.headers import SECURITY_HEADERS

_PREFIXES = {"connection": "con", "attachment": "att", "export": "exp", "user": "usr", "tenant": "ten", "issue": "iss"}
_OWN_POLICY = ("/docs", "/redoc", "/asyncapi")


def _check(answer: Any, about: str) -> None:
    headers = answer.headers
    for name, value in SECURITY_HEADERS.items():
        if name == "Content-Security-Policy":
            assert "default-src 'none'" in headers[name], about
        else:
            assert headers[name] == value, (about, name)
    assert "*" not in headers.get("access-control-allow-origin", ""), about
    assert re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", headers["x-request-id"]), about
    assert "server" not in headers, about
    if answer.content:
        assert headers["content-type"], about


def _path(template: str) -> str:
    def made(match: re.Match[str]) -> str:
        return public_id(_PREFIXES.get(match.group(1), "tok"), new_id())

    return re.sub(r"{(\w+)}", made, template)


async def test_every_route_answers_with_security_headers_and_its_limits(gateway: Gateway, mirror: MirrorSeed) -> None:
    member = gateway.as_tenant(mirror.tenant)
    document = gateway.web.openapi()
    asked = 0
    for template, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["x-cost"] >= 1
            for client in (gateway, member):
                path = _path(template)
                answer = await client.client.request(method.upper(), path, headers=client.headers)
                about = f"{method} {template} {answer.status_code}"
                asked += 1
                assert answer.status_code < 500 or answer.status_code == 503, about
                _check(answer, about)
                if path.startswith("/health"):
                    continue
                assert re.fullmatch(r'"\w+";r=\d+;t=\d+', answer.headers["ratelimit"]), about
                assert ";w=60" in answer.headers["ratelimit-policy"], about
                if path.startswith("/api/"):
                    assert re.search("no-store|private|no-cache", answer.headers["cache-control"]), about
    assert asked > 120


async def test_answers_outside_of_the_description_carry_them_too(gateway: Gateway, mirror: MirrorSeed) -> None:
    issue = await mirror.issue(await mirror.jira(), "D-1")
    assert issue
    client = gateway.as_tenant(mirror.tenant)
    found = await client.get("/issues/D-1")
    as_json = {**client.headers, "content-type": "application/json"}
    cases = [
        await client.get("/issues/D-1", headers={"If-None-Match": found.headers["etag"]}),
        await client.get("/nothing"),
        await client.client.put("/api/v1/issues"),
        await client.client.options("/api/v1/issues"),
        await client.client.head("/hello"),
        await client.client.get("/openapi.json"),
        await client.client.get("/docs-assets/swagger-ui.css"),
        await client.client.get("/docs-assets/../main.py"),
        await client.client.post("/api/v1/issues/search", content=b"{", headers=as_json),
        await client.client.post("/api/v1/auth/login", content=b"x" * 11_000_000),
        await client.client.post("/hello", headers={"Content-Encoding": "gzip"}, content=b"x"),
        await client.client.get("/hello?" + "a" * 40_000),
        *[await client.client.get(path) for path in _OWN_POLICY],
    ]
    assert {answer.status_code for answer in cases} >= {200, 304, 400, 404, 405, 413, 414, 415}
    for answer in cases:
        _check(answer, f"{answer.request.method} {answer.request.url.path} {answer.status_code}")


async def test_an_owner_that_forgets_the_caches_is_reminded(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    async with running_peer() as peer:
        gateway: Gateway = await start_gateway(peers={"auth_url": peer.url})
        answer = await gateway.as_tenant(mirror.tenant).get("/me")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        peer.headers = {"Cache-Control": "public, max-age=300"}
        keys = await gateway.client.get("/.well-known/jwks.json")
        assert keys.headers["cache-control"] == "public, max-age=300"
        _check(answer, "/me")


async def test_a_bug_is_a_blank_500_with_headers(
    start_gateway: StartGateway, mirror: MirrorSeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway: Gateway = await start_gateway()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(type(gateway.web.state.app.db), "read", broken)
    answer = await gateway.as_tenant(mirror.tenant).get("/connections")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    _check(answer, "500")
