"""`GET /audit` and `/audit/export`: filters, pages, counts, files; each tenant has its own log, so has the platform."""

import csv
import io
import json
from datetime import timedelta

import pytest
from audit_rows import NOW, add, entry, signed
from gateway_client import Gateway

from api_gateway.audit.domain.written import COLUMNS
from api_gateway.audit.usecases import read_log
from common.ids import PLATFORM, TenantId, UserId, new_id, public_id


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(new_id())


async def actions(client: Gateway, **params: object) -> list[str]:
    """What the filters let through, without what is written about this very reading."""
    found = await client.items("/audit", before=(NOW + timedelta(hours=1)).isoformat(), **params)
    return [item["details"]["n"] for item in found]


async def test_each_filter_lets_through_what_it_names(gateway: Gateway, tenant: TenantId) -> None:
    client = signed(gateway, tenant)
    await add(
        gateway,
        tenant,
        entry(0, details={"n": "0"}, actor_id="usr_b", outcome="denied", address="2001:db8::1"),
        entry(1, details={"n": "1"}, action="member.removed", target_kind="user", target_id="usr_c"),
        entry(2, details={"n": "2"}, action="session.started", address="192.0.2.1"),
        entry(3, details={"n": "3"}, actor_kind="system", actor_id=None, action="key.rotated", outcome="failed"),
        entry(4, details={"n": "4"}, actor_id="usr_b", action="member.removed", target_kind="user", target_id="usr_d"),
    )
    assert await actions(client) == ["0", "1", "2", "3", "4"]
    assert await actions(client, actor="usr_b") == ["0", "4"]
    assert await actions(client, actor=["usr_a", "usr_b", "usr_b"]) == ["0", "1", "2", "4"]
    assert await actions(client, action="member.removed") == ["1", "4"]
    assert await actions(client, action="member.") == ["0", "1", "4"]
    assert await actions(client, action=["key.", "session.started"]) == ["2", "3"]
    assert await actions(client, target="usr_c") == ["1"]
    assert await actions(client, target=["usr_c", "usr_d"], actor="usr_b") == ["4"]
    assert await actions(client, outcome=["denied", "failed"]) == ["0", "3"]
    assert await actions(client, address="2001:db8::1") == ["0"]
    assert await actions(client, after=(NOW - timedelta(hours=1)).isoformat()) == ["0", "1"]
    assert await actions(client, action="member.", actor="usr_a", target="usr_c", outcome="succeeded") == ["1"]
    until = (NOW - timedelta(hours=3)).isoformat()
    assert [item["details"]["n"] for item in await client.items("/audit", before=until)] == ["4"]


async def test_pages_meet_every_entry_once_also_those_of_one_moment(gateway: Gateway, tenant: TenantId) -> None:
    client = signed(gateway, tenant)
    same = [entry(1, details={"n": str(number)}, actor_id=f"usr_{number % 3}") for number in range(40)]
    await add(gateway, tenant, *same, *(entry(number, details={"n": f"o{number}"}) for number in range(2, 9)))
    for filters in ({}, {"actor": ["usr_0", "usr_1", "usr_2"]}, {"action": "member."}):
        seen = await actions(client, limit=7, **filters)
        assert len(seen) == len(set(seen)) == (40 if "actor" in filters else 47)


async def test_a_count_is_told_with_the_page(
    gateway: Gateway, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed(gateway, tenant)
    await add(gateway, tenant, *(entry(number, actor_id=f"usr_{number % 2}") for number in range(9)))
    answer = (await client.get("/audit", count="true", limit=2, actor="usr_0")).json()
    assert (len(answer["items"]), answer["count"]) == (2, {"value": 5, "exact": True})
    answer = (await client.get("/audit", count="true", actor=["usr_0", "usr_1"], action="member.")).json()
    assert answer["count"] == {"value": 9, "exact": True}
    monkeypatch.setattr("api_gateway.audit.store.entries.COUNT_LIMIT", 4)
    answer = (await client.get("/audit", count="true", actor=["usr_0", "usr_1"])).json()
    assert answer["count"] == {"value": 4, "exact": False}


async def test_an_entry_is_shown_whole(gateway: Gateway, tenant: TenantId) -> None:
    made = entry(
        0,
        target_kind="user",
        target_id="usr_x",
        reason="auth.x",
        address="192.0.2.7",
        request_id="req_1",
        session_id="ses_1",
        details={"role": "admin"},
    )
    await add(gateway, tenant, made)
    (shown,) = (await signed(gateway, tenant).get("/audit")).json()["items"]
    assert shown == {
        "id": public_id("evt", made.entry_id),
        "at": "2026-11-23T12:00:00.000Z",
        "actor": {"kind": "user", "id": "usr_a"},
        "action": "member.invited",
        "target": {"kind": "user", "id": "usr_x"},
        "outcome": "succeeded",
        "reason": "auth.x",
        "address": "192.0.2.7",
        "request_id": "req_1",
        "session_id": "ses_1",
        "source": "auth",
        "details": {"role": "admin"},
    }


async def test_nobody_reads_the_log_of_another_tenant_nor_uses_its_cursor(gateway: Gateway, tenant: TenantId) -> None:
    await add(gateway, tenant, *(entry(number) for number in range(5)))
    cursor = (await signed(gateway, tenant).get("/audit", limit=2)).json()["next_cursor"]
    stranger = signed(gateway, TenantId(new_id()))
    assert (await stranger.get("/audit")).json()["items"] == []
    assert (await stranger.get("/audit/export")).content == b""
    answer = await stranger.get("/audit", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "query.invalid_cursor")
    answer = await signed(gateway, tenant).get("/audit", cursor=cursor, actor="usr_a")
    assert answer.json()["code"] == "query.invalid_cursor"


async def test_the_operator_reads_what_is_the_platforms_and_no_tenants(gateway: Gateway, tenant: TenantId) -> None:
    mark = f"ten_{new_id().hex}"
    await add(gateway, tenant, entry(0, target_kind="tenant", target_id=mark))
    await add(gateway, PLATFORM, entry(1, action="tenant.created", target_kind="tenant", target_id=mark))
    found = (await signed(gateway, None).get("/audit", target=mark)).json()["items"]
    assert [item["action"] for item in found] == ["tenant.created"]


@pytest.mark.parametrize("path", ["/audit", "/audit/export"])
async def test_the_log_wants_its_scope(gateway: Gateway, tenant: TenantId, path: str) -> None:
    answer = await signed(gateway, tenant, scopes=("issues:read", "users:admin")).get(path)
    assert (answer.status_code, answer.json()["scope"]) == (403, "audit:read")
    assert (await gateway.get(path)).status_code == 401


@pytest.mark.parametrize(
    "params",
    [
        {"action": "nothing"},
        {"action": "member"},
        {"outcome": "maybe"},
        {"after": "yesterday"},
        {"limit": 0},
        {"limit": 201},
        {"actor": "a\x00b"},
        {"actor": [str(number) for number in range(51)]},
        {"unknown": "x"},
        {"cursor": ""},
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused(
    gateway: Gateway, tenant: TenantId, params: dict[str, object]
) -> None:
    answer = await signed(gateway, tenant).get("/audit", **params)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"].startswith("request.")


async def test_a_file_holds_every_entry_that_the_filters_let_through(
    gateway: Gateway, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_log, "_PAGE", 10)
    await add(gateway, tenant, *(entry(number % 7, request_id=str(number)) for number in range(47)))
    await add(gateway, tenant, entry(1, actor_id="usr_b", request_id="x"))
    client = signed(gateway, tenant)
    answer = await client.get("/audit/export", actor="usr_a")
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert sorted(int(line["request_id"]) for line in lines) == list(range(47))
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)


async def test_a_csv_file_has_a_header_and_runs_nothing(gateway: Gateway, tenant: TenantId) -> None:
    formula = '=HYPERLINK("http://x","é")'
    await add(gateway, tenant, entry(0, target_kind="issue", target_id=formula, details={"a": "b"}))
    answer = await signed(gateway, tenant).get("/audit/export", format="csv")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    header, line = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    assert header == list(COLUMNS)
    assert line[COLUMNS.index("target_id")] == f"'{formula}"
    assert line[COLUMNS.index("details")] == '{"a":"b"}'


async def test_reading_and_exporting_the_log_are_noted_in_it(gateway: Gateway, tenant: TenantId) -> None:
    user = UserId(new_id())
    client = signed(gateway, tenant, user=user)
    await add(gateway, tenant, *(entry(number) for number in range(3)))
    first = (await client.get("/audit", limit=2, action="member.")).json()
    await client.get("/audit", limit=2, action="member.", cursor=first["next_cursor"])
    await client.get("/audit/export", format="csv", headers={"X-Request-Id": "mine"})
    found = {}
    while set(found) != {"audit.read", "audit.exported"}:
        items = (await signed(gateway, tenant).get("/audit", actor=public_id("usr", user))).json()["items"]
        found = {item["action"]: item for item in items}
    # The second page of one reading is no second reading.
    assert len(items) == 2
    assert found["audit.read"]["details"] == {"filters": "actions"}
    assert found["audit.exported"]["details"] == {"form": "csv"}
    assert found["audit.exported"]["request_id"] == "mine"
    assert found["audit.read"]["actor"] == {"kind": "user", "id": public_id("usr", user)}


async def test_an_export_holds_nothing_newer_than_its_beginning(gateway: Gateway, tenant: TenantId) -> None:
    await add(gateway, tenant, entry(0), entry(-24 * 365 * 50))
    answer = await signed(gateway, tenant).get("/audit/export")
    assert len(answer.content.splitlines()) == 1
