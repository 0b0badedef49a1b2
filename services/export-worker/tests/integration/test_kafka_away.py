"""Exports without Kafka, whose events wait, and with it, where the message starts the work."""

import asyncio


async def test_an_export_needs_no_kafka(service_without_kafka, mirror):
    await mirror.issue("ABC-1")
    client = service_without_kafka.member_of(mirror)
    answer = await client.call("POST", "/exports", json={"source": {"issues": ["ABC-1"]}})
    assert answer.status_code == 202
    assert (await client.finished(answer.json()["id"])).json()["status"] == "finished"
    health = (await service_without_kafka.http.get("/health/ready")).json()
    assert (health["status"], health["checks"]["kafka"]) == ("degraded", "away")
    admin = await mirror.database.admin()
    mine = "SELECT type FROM exports.outbox WHERE tenant_id = $1 ORDER BY seq"
    waiting = await admin.fetch(mine, mirror.tenant)
    await admin.close()
    kinds = [row["type"] for row in waiting]
    steps = ["export.requested.v1", "export.audit_recorded.v1", "export.progressed.v1", "export.finished.v1"]
    assert kinds == steps


async def test_the_message_from_kafka_is_handled_once(service, tenant):
    await tenant.issue("ABC-1")
    client = service.member_of(tenant)
    answer = await client.call("POST", "/exports", json={"source": {"issues": ["ABC-1"]}})
    await client.finished(answer.json()["id"])
    admin = await tenant.database.admin()
    rows = []
    async with asyncio.timeout(30):
        while not rows:
            rows = await admin.fetch("SELECT consumer FROM exports.inbox WHERE tenant_id = $1", tenant.tenant)
    published = await admin.fetch(
        "SELECT position FROM exports.outbox WHERE tenant_id = $1 ORDER BY seq", tenant.tenant
    )
    await admin.close()
    assert [row["consumer"] for row in rows] == ["export-worker"]
    positions = [row["position"] for row in published if row["position"] is not None]
    assert positions
    assert positions == sorted(set(positions))
