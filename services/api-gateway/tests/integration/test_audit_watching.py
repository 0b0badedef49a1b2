"""What the gateway sees itself: downloads, refusals; told once, and not lost when the database is away or it ends."""

import asyncio
from typing import Any

import pytest
from audit_rows import signed
from gateway_client import Gateway, StartGateway
from peer_server import running_peer

from api_gateway.audit.inbound.timers import AuditTimers
from api_gateway.audit.usecases.keep_own_entries import keep_own_entries
from api_gateway.gate.settings import GateSettings, Rate
from common.errors import Unauthenticated
from common.ids import SessionId, TenantId, UserId, new_id, public_id


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(new_id())


async def entries(gateway: Gateway, tenant: TenantId | None, **params: Any) -> list[dict[str, Any]]:
    """The log as an auditor sees it, all of what waits written first."""
    await keep_own_entries(gateway.web.state.app)
    found = (await signed(gateway, tenant).get("/audit", **params)).json()["items"]
    return [item for item in found if item["action"] != "audit.read"]


@pytest.mark.parametrize(
    ("path", "status", "action", "target"),
    [
        ("/exports/{exp}/content", 200, "export.downloaded", "export"),
        ("/exports/{exp}/content", 307, "export.downloaded", "export"),
        ("/issues/DEMO-1/pdf", 200, "export.downloaded", "issue"),
    ],
)
async def test_who_fetches_a_file_is_noted(
    start_gateway: StartGateway, tenant: TenantId, path: str, status: int, action: str, target: str
) -> None:
    async with running_peer() as worker:
        worker.status, worker.body, worker.headers = status, b"%PDF", {"content-type": "application/pdf"}
        gateway = await start_gateway(peers={"export_worker_url": worker.url})
        user, session = UserId(new_id()), SessionId(new_id())
        export = public_id("exp", new_id())
        answer = await signed(gateway, tenant, user=user, session=session).get(path.format(exp=export))
        assert answer.status_code == status
        (noted,) = await entries(gateway, tenant)
    assert (noted["action"], noted["outcome"]) == (action, "succeeded")
    assert noted["target"] == {"kind": target, "id": "DEMO-1" if target == "issue" else export}
    assert noted["actor"] == {"kind": "user", "id": public_id("usr", user)}
    assert noted["session_id"] == public_id("ses", session)
    assert noted["address"] == "127.0.0.1"
    assert noted["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("status", [202, 304, 404, 409, 503])
async def test_an_answer_without_the_bytes_is_no_download(
    start_gateway: StartGateway, tenant: TenantId, status: int
) -> None:
    async with running_peer() as worker:
        worker.status, worker.body = status, b""
        gateway = await start_gateway(peers={"export_worker_url": worker.url})
        await signed(gateway, tenant).get("/issues/DEMO-1/pdf")
        assert await entries(gateway, tenant) == []


async def test_a_refusal_is_noted_in_the_log_of_who_was_refused_once_a_minute(
    gateway: Gateway, tenant: TenantId
) -> None:
    user = UserId(new_id())
    poor = signed(gateway, tenant, user=user, session=SessionId(new_id()), scopes=("exports:read",))
    for _ in range(5):
        assert (await poor.get("/issues")).status_code == 403
    assert (await poor.get("/connections")).status_code == 403
    noted = await entries(gateway, tenant)
    assert sorted(item["details"]["route"] for item in noted) == ["/api/v1/connections", "/api/v1/issues"]
    assert {item["action"] for item in noted} == {"access.denied"}
    assert {item["outcome"] for item in noted} == {"denied"}
    assert {item["reason"] for item in noted} == {"access.scope_missing"}
    assert {item["actor"]["id"] for item in noted} == {public_id("usr", user)}


async def test_a_refusal_by_the_owner_behind_is_noted_with_its_own_code(
    start_gateway: StartGateway, tenant: TenantId
) -> None:
    async with running_peer() as auth:
        auth.status = 403
        auth.headers = {"content-type": "application/problem+json"}
        auth.body = b'{"code": "member.last_owner", "status": 403}'
        gateway = await start_gateway(peers={"auth_url": auth.url})
        await signed(gateway, tenant).client.patch("/api/v1/me", json={}, headers=signed(gateway, tenant).headers)
        (noted,) = await entries(gateway, tenant, action="access.denied")
    assert (noted["reason"], noted["details"]["route"]) == ("member.last_owner", "/api/v1/me")


async def test_a_wrong_token_is_noted_at_the_platform_and_no_token_is_not(gateway: Gateway) -> None:
    agent = f"203.0.113.{int(new_id()) % 250}"
    for headers in ({"Authorization": "Bearer x.y.z"}, {}):
        answer = await gateway.client.get("/api/v1/issues", headers={**headers, "X-Request-Id": agent})
        assert answer.status_code == 401
    noted = [item for item in await entries(gateway, None, action="access.denied") if item["request_id"] == agent]
    assert [item["actor"] for item in noted] == [{"kind": "nobody", "id": None}]


async def test_a_flood_of_wrong_tokens_is_one_entry(gateway: Gateway) -> None:
    waiting = len(gateway.web.state.app.own_entries)
    for number in range(50):
        await gateway.client.get("/api/v1/connections", headers={"Authorization": f"Bearer x.y.{number}"})
    assert len(gateway.web.state.app.own_entries) - waiting <= 1


async def test_what_waits_is_written_when_the_gateway_ends(gateway: Gateway, tenant: TenantId) -> None:
    app = gateway.web.state.app
    async with AuditTimers(app).write_the_rest():
        await signed(gateway, tenant, scopes=()).get("/issues")
        assert len(app.own_entries) == 1
    assert len(app.own_entries) == 0
    assert len(await entries(gateway, tenant)) == 1


async def test_what_cannot_be_written_waits_in_memory(
    gateway: Gateway, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = gateway.web.state.app
    await signed(gateway, tenant, scopes=()).get("/issues")
    with monkeypatch.context() as broken:
        broken.setattr(app.db, "_engine", _Broken())
        await keep_own_entries(app)
        assert len(app.own_entries) == 1
    assert len(await entries(gateway, tenant)) == 1
    assert len(app.own_entries) <= 1


class _Broken:
    """An engine whose server is away."""

    def begin(self) -> Any:
        raise OSError("connection refused")


async def test_entries_are_written_twice_a_second_by_themselves(gateway: Gateway, tenant: TenantId) -> None:
    await signed(gateway, tenant, scopes=()).get("/issues")
    async with asyncio.timeout(5):
        while len(gateway.web.state.app.own_entries):
            await asyncio.sleep(0.05)
    assert len(await entries(gateway, tenant)) == 1


async def test_operators_refusals_stand_in_the_platforms_log(gateway: Gateway) -> None:
    user = UserId(new_id())
    assert (await signed(gateway, None, user=user).get("/issues")).status_code == 403
    (noted,) = await entries(gateway, None, actor=public_id("usr", user))
    assert noted["actor"]["kind"] == "operator"


async def test_who_asks_too_much_is_told_in_his_tenants_log_once(start_gateway: StartGateway, tenant: TenantId) -> None:
    gateway: Gateway = await start_gateway(limits=GateSettings(token=Rate(per_minute=1, burst=5)))
    user = UserId(new_id())
    caller = signed(gateway, tenant, user=user, session=SessionId(new_id()))
    statuses = [(await caller.get("/exports")).status_code for _ in range(9)]
    assert statuses.count(429) > 1
    noted = await entries(gateway, tenant, action="access.denied")
    assert [(item["reason"], item["actor"]["id"]) for item in noted] == [("limits.requests", public_id("usr", user))]


async def test_a_stranger_who_asks_too_much_is_looked_at_once_for_the_gate_and_not_again_for_the_log(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway: Gateway = await start_gateway(limits=GateSettings(address=Rate(per_minute=1, burst=1)))
    looked = []

    async def unknown(text: str) -> None:
        looked.append(text)
        raise Unauthenticated

    monkeypatch.setattr(gateway.web.state.verifier, "verify", unknown)
    headers = {"Authorization": "Bearer x"}
    for _ in range(4):
        await gateway.client.get("/api/v1/exports", headers=headers)
    looked.clear()
    statuses = [(await gateway.client.get("/api/v1/exports", headers=headers)).status_code for _ in range(4)]
    assert statuses == [429] * 4
    assert len(looked) == 4


async def test_strangers_of_many_addresses_fill_no_log(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    own = gateway.web.state.app.own_entries
    monkeypatch.setattr(own, "first_of_minute", lambda *_: True)
    monkeypatch.setattr("api_gateway.audit.domain.own_entries._STRANGERS", 5)
    headers = {"Authorization": "Bearer x.y.z"}
    mark = f"many{new_id().hex[:8]}"
    for _ in range(9):
        await gateway.client.get("/api/v1/issues", headers={**headers, "X-Request-Id": mark})
    noted = await entries(gateway, None, action=["access.denied", "audit.lost"])
    assert len([item for item in noted if item["request_id"] == mark]) == 5
    assert "audit.lost" in {item["action"] for item in noted}


async def test_a_page_of_a_browser_that_lacks_its_csrf_token_is_told_by_name(
    gateway: Gateway, tenant: TenantId
) -> None:
    user = UserId(new_id())
    token = signed(gateway, tenant, user=user, csrf="c").headers["Authorization"].removeprefix("Bearer ")
    answer = await gateway.client.post(
        "/api/v1/issues/search", json={}, headers={"Cookie": f"__Host-je_access={token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf")
    (noted,) = await entries(gateway, tenant, action="access.denied")
    assert (noted["reason"], noted["actor"]["id"]) == ("auth.csrf", public_id("usr", user))
