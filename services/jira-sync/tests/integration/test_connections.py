"""Connecting: only what Jira accepted is kept, every failure has its own code, and secrets never come back."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sync_node import Node, connection_request, new_tenant, until

from common.ids import TenantId
from jira_simulator.testing import RunningSimulator, free_ports

FORBIDDEN = (
    "http://10.0.0.8",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:10.0.0.8]",
    "http://[fd00::1]",
    "http://[64:ff9b::a9fe:a9fe]",
    "http://0.0.0.0",
    "http://2852039166",
    "http://8.8.8.8:25",
)


async def code_of(node: Node, tenant: TenantId, request: dict[str, Any]) -> tuple[int, str]:
    answer = await node.call("POST", "/connections", request, tenant=tenant)
    return answer.status_code, answer.json().get("code", "")


async def test_deployment_is_found_out_and_the_answer_holds_no_secret(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    request = connection_request(simulator)
    answer = await node.call("POST", "/connections", request, tenant=tenant)
    assert answer.status_code == 201
    made = answer.json()
    assert made["deployment"] == simulator.personality
    assert made["phase"] == "connecting"
    assert answer.headers["location"] == f"/api/v1/connections/{made['id']}"
    assert simulator.basic[1] not in answer.text
    admin = await node.database.admin()
    try:
        for table in ("jira.connections", "jira_private.connection_secrets", "jira_private.idempotency"):
            rows = await admin.fetch(f"SELECT t::text FROM {table} t")  # noqa: S608
            assert not [row for row in rows if simulator.basic[1] in row[0]]
            assert not [row for row in rows if simulator.basic[1].encode().hex() in row[0]]
    finally:
        await admin.close()


async def test_second_connection_with_the_same_account_names_the_first(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    request = connection_request(cloud)
    first = await node.call("POST", "/connections", request, tenant=tenant)
    again = await node.call("POST", "/connections", request | {"base_url": f"{cloud.base_url}/"}, tenant=tenant)
    assert (again.status_code, again.json()["code"]) == (409, "connection.exists")
    assert again.json()["connection_id"] == first.json()["id"]
    elsewhere = await node.call("POST", "/connections", request, tenant=new_tenant())
    assert elsewhere.status_code == 201


async def test_same_idempotency_key_makes_one_connection(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    request = connection_request(cloud)
    key = {"Idempotency-Key": "make-it-once"}
    answers = [await node.call("POST", "/connections", request, tenant=tenant, **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = await node.call("POST", "/connections", request | {"name": "Other"}, tenant=tenant, **key)
    assert (other.status_code, other.json()["code"]) == (409, "request.idempotency_conflict")


async def test_what_jira_refuses_is_not_kept(node: Node, simulator: RunningSimulator, tenant: TenantId) -> None:
    request = connection_request(simulator)
    secret = "password" if simulator.personality == "datacenter" else "token"
    wrong = request | {"auth": request["auth"] | {secret: "not-the-secret"}}
    assert await code_of(node, tenant, wrong) == (400, "jira.wrong_credentials")
    simulator.faults(
        rules=[
            {
                "path": "/myself",
                "status": 403,
                "headers": {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=http://x/login.jsp"},
            }
        ]
    )
    assert await code_of(node, tenant, request) == (400, "jira.captcha")
    simulator.end_faults()
    simulator.faults(
        rules=[
            {"path": "/myself", "status": 200, "body": "<html>Sign in</html>", "headers": {"Content-Type": "text/html"}}
        ]
    )
    assert await code_of(node, tenant, request) == (400, "jira.not_jira")
    simulator.end_faults()
    admin = await node.database.admin()
    try:
        assert await admin.fetchval("SELECT count(*) FROM jira.connections") == 0
    finally:
        await admin.close()


async def test_an_anonymous_200_is_never_believed(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    guest = {"accountId": "anonymous", "displayName": "Guest"}
    cloud.faults(
        rules=[{"path": "/myself", "status": 200, "body": guest, "headers": {"Content-Type": "application/json"}}]
    )
    status, code = await code_of(node, tenant, connection_request(cloud))
    assert (status, code) == (400, "jira.wrong_credentials")


async def test_addresses_that_are_no_jira_have_their_own_codes(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    request = connection_request(cloud)
    (nobody,) = free_ports(1)
    unreachable = await code_of(node, tenant, request | {"base_url": f"http://127.0.0.1:{nobody}"})
    assert unreachable == (502, "jira.unreachable")
    assert await code_of(node, tenant, request | {"base_url": node.url}) == (400, "jira.not_jira")
    async with self_signed_server() as url:
        assert await code_of(node, tenant, request | {"base_url": url}) == (502, "jira.bad_certificate")
    assert await code_of(node, tenant, request | {"base_url": "ftp://x"}) == (400, "jira.invalid_address")
    assert await code_of(node, tenant, request | {"base_url": "http://u:p@127.0.0.1"}) == (400, "jira.invalid_address")


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_inner_addresses_are_refused_in_every_spelling(node: Node, tenant: TenantId, address: str) -> None:
    auth = {"method": "basic", "username": "u", "password": "p"}
    request = {"name": "Inner", "base_url": address, "auth": auth}
    assert await code_of(node, tenant, request) == (400, "jira.forbidden_address")


async def test_unknown_fields_and_nul_bytes_are_named(node: Node, tenant: TenantId) -> None:
    auth = {"method": "basic", "username": "u\x00", "password": "p"}
    answer = await node.call(
        "POST", "/connections", {"name": "N", "base_url": "http://x", "auth": auth, "colour": "red"}, tenant=tenant
    )
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert any("colour" in pointer for pointer in pointers)
    assert any("username" in pointer for pointer in pointers)


async def test_pausing_stops_the_work_and_resuming_catches_up(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    answer = await node.call("PATCH", f"/connections/{mirror.id}", {"paused": True, "name": "Renamed"}, tenant=tenant)
    assert (answer.json()["phase"], answer.json()["name"]) == ("paused", "Renamed")

    async def is_free() -> bool:
        row = await mirror.row(
            "SELECT expires_at > now() AS held FROM jira_private.sync_leases WHERE connection_id = $1"
        )
        return row is not None and not row["held"]

    await until(is_free)
    cloud.edit(cloud.truth()[0]["key"], fields={"summary": "While paused"})
    await node.call("PATCH", f"/connections/{mirror.id}", {"paused": False}, tenant=tenant)
    await mirror.wait_for_phase("live")

    async def caught_up() -> bool:
        row = await mirror.issue(cloud.truth()[0]["key"])
        return row is not None and row["summary"] == "While paused"

    await until(caught_up)


async def test_deleting_removes_every_row_and_our_webhook(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    with simulator.client() as jira:
        assert len(jira.get("/rest/webhooks/1.0/webhook").json()) == 1
        answer = await node.call("DELETE", f"/connections/{mirror.id}", tenant=tenant)
        assert answer.status_code == 204
        gone = await node.call("POST", f"/connections/{mirror.id}/test", tenant=tenant)
        assert gone.status_code == 404

        async def purged() -> bool:
            return not await mirror.rows("SELECT 1 FROM jira.connections WHERE connection_id = $1")

        await until(purged)
        assert jira.get("/rest/webhooks/1.0/webhook").json() == []
    for table in ("issues", "comments", "history", "issue_values", "users", "catalogue"):
        assert await mirror.rows(f"SELECT 1 FROM jira.{table} WHERE connection_id = $1 LIMIT 1") == []  # noqa: S608
    assert await mirror.rows("SELECT 1 FROM jira_private.issue_search WHERE connection_id = $1 LIMIT 1") == []


async def test_strangers_find_nothing(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    mirror = await node.connect(cloud, tenant)
    other = new_tenant()
    for method, path, body in (
        ("PATCH", f"/connections/{mirror.id}", {"name": "Mine"}),
        ("DELETE", f"/connections/{mirror.id}", None),
        ("POST", f"/connections/{mirror.id}/test", None),
        ("POST", f"/connections/{mirror.id}/sync", None),
    ):
        answer = await node.call(method, path, body, tenant=other)
        assert (answer.status_code, answer.json()["code"]) == (404, "connection.not_found")


async def test_credentials_that_stop_working_fail_with_their_code_and_new_ones_heal(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    cloud.faults(rules=[{"path": "/rest/", "status": 401, "body": {"message": "expired"}}])
    failed = await mirror.wait_for_phase("failed")
    assert '"jira.wrong_credentials"' in failed["last_error"]
    test = await node.call("POST", f"/connections/{mirror.id}/test", tenant=tenant)
    assert test.json()["ok"] is False
    assert test.json()["error"]["code"] == "jira.wrong_credentials"
    cloud.end_faults()
    patch = {"auth": connection_request(cloud)["auth"]}
    answer = await node.call("PATCH", f"/connections/{mirror.id}", patch, tenant=tenant)
    assert answer.json()["phase"] == "connecting"
    await mirror.wait_for_phase("live")


@asynccontextmanager
async def self_signed_server() -> AsyncIterator[str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder = Path(__file__).parent / ".certificate"
    folder.mkdir(exist_ok=True)
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    pem.unlink()
    folder.rmdir()

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_one_site_connected_with_two_accounts_is_mirrored_twice(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    whole = await node.connect(cloud, tenant)
    less = await node.connect(cloud, tenant, limited=True)
    await whole.wait_for_phase("live")
    await less.wait_for_phase("live")
    ids = "SELECT issue_id FROM jira.issues WHERE connection_id = $1"
    seen = {row["issue_id"] for row in await whole.rows(ids)}
    seen_less = {row["issue_id"] for row in await less.rows(ids)}
    assert seen_less < seen
    documents = "SELECT DISTINCT issue_id FROM jira_private.issue_search WHERE connection_id = $1"
    assert {row["issue_id"] for row in await whole.rows(documents)} == seen
    assert {row["issue_id"] for row in await less.rows(documents)} == seen_less


async def test_a_host_that_the_tenants_settings_do_not_allow_is_not_connected(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    admin = await node.database.admin()
    change = (
        "INSERT INTO auth.tenant_settings (tenant_id, version, settings, updated_at) VALUES ($1, 2, $2, now())"
        " ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings"
    )
    await admin.execute(change, tenant, '{"allowed_jira_hosts": ["*.example.com"]}')
    request = connection_request(cloud)
    assert await code_of(node, tenant, request) == (422, "jira.host_not_allowed")
    await admin.execute(change, tenant, '{"allowed_jira_hosts": ["127.0.0.1"]}')
    made = await node.call("POST", "/connections", request, tenant=tenant)
    assert made.status_code == 201, made.text
    await admin.execute(change, tenant, '{"allowed_jira_hosts": []}')
    await admin.close()
    path = f"/connections/{made.json()['id']}"
    refused = await node.call("PATCH", path, {"auth": request["auth"]}, tenant=tenant)
    assert (refused.status_code, refused.json()["code"]) == (422, "jira.host_not_allowed")
    assert (await node.call("PATCH", path, {"name": "Renamed"}, tenant=tenant)).status_code == 200
