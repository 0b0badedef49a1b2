"""The webhook door and the attachment door: who is let in, what is kept, what goes on to Jira."""

import hashlib
import hmac
from typing import Any

import httpx
import orjson
from pydantic import SecretStr
from sync_node import INTERNAL, Mirror, Node, new_tenant, until

from common.ids import TenantId, public_id
from common.settings import InternalSettings
from common.web.internal import internal_token
from jira_simulator.testing import RunningSimulator
from jira_sync.store.secrets import get_secrets

INBOX = "SELECT * FROM jira_private.webhook_inbox WHERE connection_id = $1 AND identifier = $2"


async def deliver(
    node: Node, mirror: Mirror, body: bytes, *, identifier: str, secret: str | None = None
) -> httpx.Response:
    assert node.app is not None
    if secret is None:
        async with node.app.db.uow(mirror.tenant) as tx:
            secret = (await get_secrets(tx, node.app.sealer, mirror.connection)).webhook
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature": signature, "X-Atlassian-Webhook-Identifier": identifier}
    return await node.http.post(f"/webhooks/jira/{mirror.id}", content=body, headers=headers)


async def test_only_signed_deliveries_are_kept(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    mirror = await node.connect(cloud, tenant)
    body = orjson.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}})
    forged = await deliver(node, mirror, body, identifier="forged", secret="guessed")
    assert (forged.status_code, forged.json()["code"]) == (401, "webhook.bad_signature")
    unsigned = await node.http.post(f"/webhooks/jira/{mirror.id}", content=body)
    assert unsigned.status_code == 401
    assert await mirror.row(INBOX, "forged") is None
    stranger = await node.http.post(f"/webhooks/jira/{public_id('con', new_tenant())}", content=body)
    assert stranger.status_code == 404
    nonsense = await node.http.post("/webhooks/jira/con_nonsense", content=body)
    assert nonsense.status_code == 400


async def test_a_repeated_delivery_is_kept_once(node: Node, cloud: RunningSimulator, tenant: TenantId) -> None:
    mirror = await node.connect(cloud, tenant)
    body = orjson.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}})
    answers = [await deliver(node, mirror, body, identifier="same") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["accepted"] for answer in answers] == [True, False]
    assert len(await mirror.rows(INBOX, "same")) == 1


async def test_deliveries_for_a_deleted_connection_are_refused(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    body = orjson.dumps({"issue": {"id": "1"}})
    assert node.app is not None
    async with node.app.db.uow(tenant) as tx:
        secret = (await get_secrets(tx, node.app.sealer, mirror.connection)).webhook
    assert (await deliver(node, mirror, body, identifier="before", secret=secret)).status_code == 202
    await node.call("DELETE", f"/connections/{mirror.id}", tenant=tenant)
    assert (await deliver(node, mirror, body, identifier="after", secret=secret)).status_code == 404


async def test_poison_is_given_up_with_a_reason_and_blocks_nothing(
    node: Node, cloud: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(cloud, tenant)
    await mirror.wait_for_phase("live")
    await deliver(node, mirror, b"\x00 not json", identifier="poison")
    await deliver(node, mirror, b'["a list"]', identifier="list")
    known = cloud.truth()[0]["id"]
    await deliver(node, mirror, orjson.dumps({"issue": {"id": known}}), identifier="good")

    async def settled() -> bool:
        rows = [await mirror.row(INBOX, name) for name in ("poison", "list", "good")]
        return [row["state"] for row in rows if row is not None] == ["dead", "dead", "done"]

    await until(settled)
    dead = await mirror.row(INBOX, "poison")
    assert dead is not None
    assert dead["reason"] == "not a JSON object"


async def test_attachments_come_through_the_redirect_without_our_credentials(
    node: Node, simulator: RunningSimulator, tenant: TenantId
) -> None:
    mirror = await node.connect(simulator, tenant)
    await mirror.wait_for_phase("live")
    found = await mirror.row(
        "SELECT * FROM jira.attachments WHERE connection_id = $1 AND size > 20 AND thumbnail_url IS NOT NULL LIMIT 1"
    )
    assert found is not None
    place = f"/internal/v1/attachments/{public_id('att', found['child_id'])}"
    whole = await _internal(node, f"{place}/content", tenant)
    assert whole.status_code == 200
    # The simulator's other host refuses whoever shows it an Authorization header.
    assert len(whole.content) == found["size"]
    part = await _internal(node, f"{place}/content", tenant, Range="bytes=3-9")
    assert (part.status_code, part.content) == (206, whole.content[3:10])
    small = await _internal(node, f"{place}/thumbnail", tenant)
    assert small.status_code == 200
    assert small.headers["content-type"].startswith("image/")
    strangers = await _internal(node, f"{place}/content", new_tenant())
    assert strangers.status_code == 404
    anonymous = await node.http.get(f"{place}/content")
    assert anonymous.status_code == 401


async def _internal(node: Node, path: str, tenant: TenantId, **headers: Any) -> httpx.Response:
    token = internal_token(InternalSettings(secret=SecretStr(INTERNAL)), service="api-gateway", tenant=tenant)
    return await node.http.get(path, headers={"Authorization": token, **headers})


async def test_ready_as_soon_as_the_schemas_are_there(node: Node) -> None:
    answer = await node.http.get("/health/ready")
    checks = answer.json()["checks"]
    assert (answer.status_code, checks.pop("kafka") in ("up", "away")) == (200, True)
    assert checks == {"postgres": "up", "migrations": "up"}
