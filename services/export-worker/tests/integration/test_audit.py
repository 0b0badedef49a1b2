"""Exports tell the audit log who asked for them and who cancelled them, in the transaction that does it."""

import orjson

from common.ids import PLATFORM, public_id


async def told(mirror, action):
    admin = await mirror.database.admin()
    rows = await admin.fetch(
        "SELECT event FROM exports.outbox WHERE type = 'export.audit_recorded.v1' AND tenant_id <> $1 ORDER BY seq",
        PLATFORM,
    )
    await admin.close()
    entries = [orjson.loads(row["event"]) for row in rows]
    assert {entry["tenantid"] for entry in entries} == {public_id("ten", mirror.tenant)}
    return [entry["data"] for entry in entries if entry["data"]["action"] == action]


async def test_who_asks_for_an_export_is_told_once_however_often_the_request_comes(service_without_kafka, mirror):
    await mirror.issue("ABC-1", "A secret summary")
    client = service_without_kafka.member_of(mirror)
    body = {"source": {"issues": ["ABC-1"]}}
    for _ in range(2):
        answer = await client.call("POST", "/exports", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 202
    (entry,) = await told(mirror, "export.created")
    assert (entry["target_kind"], entry["target_id"]) == ("export", answer.json()["id"])
    assert entry["actor_id"] == answer.json()["requested_by"]
    assert (entry["actor_kind"], entry["outcome"]) == ("user", "succeeded")
    assert entry["session_id"].startswith("ses_")
    assert entry["request_id"]
    assert entry["details"] == {"kind": "set", "issues": "1"}
    assert "secret" not in str(entry)


async def test_who_cancels_an_export_is_told_once(service_without_kafka, mirror):
    await mirror.issue("ABC-1")
    client = service_without_kafka.member_of(mirror)
    export = (await client.call("POST", "/exports", json={"source": {"issues": ["ABC-1"]}})).json()["id"]
    answers = [(await client.call("DELETE", f"/exports/{export}")).status_code for _ in range(2)]
    entries = await told(mirror, "export.cancelled")
    # It may have been quicker than the cancelling: then there is nothing to tell.
    assert len(entries) == (answers[0] == 200)
    assert all(entry["target_id"] == export for entry in entries)


async def test_a_refused_order_tells_nothing(service_without_kafka, mirror):
    await mirror.issue("ABC-1")
    client = service_without_kafka.member_of(mirror)
    assert (await client.call("POST", "/exports", json={"source": {"issues": ["NO-1"]}})).status_code == 404
    admin = await mirror.database.admin()
    told_of = "SELECT count(*) FROM exports.outbox WHERE tenant_id <> $1"
    assert await admin.fetchval(told_of, PLATFORM) == 0
    await admin.close()
