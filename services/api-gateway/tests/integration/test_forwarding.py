import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import pytest
from gateway_client import Gateway, StartGateway
from peer_server import Peer, running_peer

from common.ids import new_id, public_id
from common.testing.mirror import MirrorSeed


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with running_peer() as made:
        yield made


@pytest.fixture
async def passing(start_gateway: StartGateway, peer: Peer) -> Gateway:
    peers = {"auth_url": peer.url, "jira_sync_url": peer.url, "export_worker_url": peer.url}
    gateway: Gateway = await start_gateway(peers=peers)
    return gateway


async def test_a_request_goes_on_as_it_came_and_the_answer_comes_back(
    passing: Gateway, peer: Peer, mirror: MirrorSeed
) -> None:
    peer.status = 202
    peer.headers = {"Location": "/api/v1/exports/x", "X-Secret": "1", "Set-Cookie": "a=b", "Retry-After": "7"}
    client = passing.as_tenant(mirror.tenant)
    said = {"Idempotency-Key": "k1", "Cookie": "s=1", "X-Forwarded-For": "6.6.6.6", "Prefer": "respond-async"}
    answer = await client.client.post(
        "/api/v1/exports?a=%2Fb", content=b'{"source":{}}', headers={**client.headers, **said, "X-Request-Id": "abc"}
    )
    assert (answer.status_code, answer.headers["location"], answer.headers["retry-after"]) == (
        202,
        "/api/v1/exports/x",
        "7",
    )
    assert answer.json() == {"query": "a=%2Fb", "got": 13}
    assert "x-secret" not in answer.headers
    assert "set-cookie" not in answer.headers
    asked = peer.asked[0]
    assert asked["body"] == b'{"source":{}}'
    assert asked["headers"]["idempotency-key"] == "k1"
    assert asked["headers"]["prefer"] == "respond-async"
    assert asked["headers"]["authorization"] == client.headers["Authorization"]
    assert asked["headers"]["x-request-id"] == "abc"
    assert asked["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert "traceparent" in asked["headers"]
    assert "cookie" not in asked["headers"]


async def test_large_files_stream_through_whole(passing: Gateway, peer: Peer, mirror: MirrorSeed) -> None:
    peer.body = bytes(range(256)) * 20_000
    peer.headers = {"Content-Type": "application/pdf", "ETag": '"1"'}
    answer = await passing.as_tenant(mirror.tenant).get("/issues/D-1/pdf")
    assert answer.content == peer.body
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == '"1"'


async def test_scopes_are_checked_before_the_owner_is_asked(passing: Gateway, peer: Peer, mirror: MirrorSeed) -> None:
    client = passing.as_tenant(mirror.tenant, scopes=("issues:read", "connections:read", "exports:read"))
    connection = public_id("con", new_id())
    assert (await client.post("/connections", {})).status_code == 403
    assert (await client.post(f"/connections/{connection}/test", {})).status_code == 403
    assert (await client.post("/exports", {})).status_code == 403
    assert (await passing.post("/exports", {})).status_code == 401
    assert peer.asked == []
    assert (await passing.post("/auth/login", {})).status_code == 200


async def _raw_status(client: Gateway, method: str, path: str) -> int:
    """The status of an address that client libraries would tidy up before they send it."""
    headers = [(name.lower().encode(), value.encode()) for name, value in client.headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("gateway.example.com", 80),
    }
    sent: list[dict[str, Any]] = []

    given = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(given, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays, and says no more
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await client.web(scope, receive, send)
    return int(sent[0]["status"])


async def test_dot_segments_reach_no_other_path(passing: Gateway, peer: Peer, mirror: MirrorSeed) -> None:
    client = passing.as_tenant(mirror.tenant)
    assert await _raw_status(client, "POST", "/api/v1/connections/x/test") == 200
    for path in ("/api/v1/connections/%2e%2e/test", "/api/v1/connections/../sync", "/api/v1/exports/./resume"):
        assert await _raw_status(client, "POST", path) == 404, path
    assert [asked["path"] for asked in peer.asked] == ["/api/v1/connections/x/test"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/auth/login", "auth.unavailable"),
        ("POST", "/connections", "jira_sync.unavailable"),
        ("POST", "/exports", "export_worker.unavailable"),
        ("GET", "/issues/D-1/pdf", "export_worker.unavailable"),
    ],
)
async def test_an_owner_that_is_away_is_503_with_its_name(
    gateway: Gateway, mirror: MirrorSeed, method: str, path: str, code: str
) -> None:
    client = gateway.as_tenant(mirror.tenant)
    answer = await client.client.request(method, f"/api/v1{path}", headers=client.headers)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) >= 1


async def test_attachments_stream_with_harmless_headers(passing: Gateway, peer: Peer, mirror: MirrorSeed) -> None:
    issue = await mirror.issue(await mirror.jira(), "D-1")
    page = await mirror.attachment(issue, 'evil".html', media_type="text/html")
    client = passing.as_tenant(mirror.tenant)
    path = f"/attachments/{public_id('att', page)}/content"
    peer.body, peer.status = b"<script>", 206
    peer.headers = {"Content-Type": "text/html", "Content-Range": "bytes 0-7/100", "Content-Disposition": "inline"}
    answer = await client.get(path, headers={"Range": "bytes=0-7"})
    assert (answer.status_code, answer.content) == (206, b"<script>")
    assert answer.headers["content-range"] == "bytes 0-7/100"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="evil_.html"')
    assert "sandbox" in answer.headers["content-security-policy"]
    asked = peer.asked[-1]
    assert asked["path"] == f"/internal/v1{path}"
    assert asked["headers"]["authorization"].startswith("Internal ")
    assert asked["headers"]["range"] == "bytes=0-7"
    unchanged = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, len(peer.asked)) == (304, 1)
    peer.body, peer.status = None, 500
    assert (await client.get(path)).json()["code"] == "attachment.unavailable"
    assert (await client.get(path.replace("content", "thumbnail"))).status_code == 404


async def test_a_path_that_no_one_owns_is_a_problem(gateway: Gateway) -> None:
    for path in ("/api/v1/nothing", "/internal/v1/attachments/x/content", "/nope"):
        answer = await gateway.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "request.not_found")
    assert (await gateway.client.put("/api/v1/issues")).status_code == 405
