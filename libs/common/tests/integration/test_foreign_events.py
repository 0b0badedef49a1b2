"""Every consumer of the catalogue drops an event whose tenant does not own the object that it names."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from faststream.kafka import KafkaRouter

from api_gateway.audit.inbound.consumers import subscribe_all as subscribe_gateway
from common.clock import utc_now
from common.contracts.audit import (
    AccessAuditRecordedV1,
    AuditRecorded,
    ExportAuditRecordedV1,
    SyncAuditRecordedV1,
)
from common.contracts.events import Envelope, Event, cloud_event
from common.contracts.exports import ExportRequestedV1
from common.contracts.topics import TOPICS, Topic
from common.errors import AppError, ErrorKind
from common.ids import TenantId, public_id
from common.messaging.consuming import DROPPED, Delivery
from common.settings import KafkaSettings
from common.testing.databases import TestDatabase
from export_worker.inbound.consumers import subscribe_all as subscribe_exports

A, B = TenantId(UUID(int=0xA)), TenantId(UUID(int=0xB))
EXPORT = public_id("exp", UUID(int=0xE))
CONNECTION = public_id("con", UUID(int=0xC))
KAFKA = KafkaSettings(bootstrap="127.0.0.1:1")


def audited(kind: type[AuditRecorded], target: tuple[str, str]) -> AuditRecorded:
    entry = {"actor_kind": "system", "action": "access.denied", "at": utc_now()}
    return kind.model_validate({**entry, "target_kind": target[0], "target_id": target[1]})


#: What B claims of A's things, on each topic that a group reads.
FOREIGN: dict[Topic, Event] = {
    Topic.EXPORT_REQUESTS: ExportRequestedV1(export_id=EXPORT),
    Topic.EXPORT_EVENTS: audited(ExportAuditRecordedV1, ("export", EXPORT)),
    Topic.SYNC_EVENTS: audited(SyncAuditRecordedV1, ("connection", CONNECTION)),
    Topic.ACCESS_EVENTS: audited(AccessAuditRecordedV1, ("tenant", public_id("ten", A))),
}


def deliveries(database: TestDatabase, dbs: Any) -> list[Delivery]:
    """The subscribers as the services declare them."""
    router, sender = KafkaRouter(), SimpleNamespace()
    exports = SimpleNamespace(db=dbs["export-worker"], work=SimpleNamespace(set=lambda: None))
    gateway = SimpleNamespace(db=dbs["api-gateway"])
    return [
        *subscribe_exports(router, exports, KAFKA, sender),  # type: ignore[arg-type]
        *subscribe_gateway(router, gateway, KAFKA, sender),  # type: ignore[arg-type]
    ]


@pytest.fixture
async def found(test_database: TestDatabase) -> Any:
    async with test_database.open("export-worker") as exports, test_database.open("api-gateway") as gateway:
        yield deliveries(test_database, {"export-worker": exports, "api-gateway": gateway})


def envelope(event: Event, tenant: TenantId) -> Envelope:
    raw = {**cloud_event(event, tenant=tenant, time=utc_now(), traceparent=None), "position": 1, "epoch": "e"}
    return Envelope.model_validate_json(orjson.dumps(raw))


async def kind_of_refusal(delivery: Delivery, claimed: Envelope) -> ErrorKind | None:
    try:
        await delivery._handler(claimed)
    except AppError as error:
        return error.kind
    return None


async def test_the_subscribers_are_those_of_the_catalogue(found: list[Delivery]) -> None:
    declared = {(topic, group) for topic, contract in TOPICS.items() for group in contract.groups}
    assert {(delivery.topic, delivery.group) for delivery in found} == declared
    assert {topic for topic, _ in declared} == FOREIGN.keys()


async def test_an_event_about_a_thing_of_another_tenant_changes_nothing(
    found: list[Delivery], test_database: TestDatabase
) -> None:
    admin = await test_database.admin()
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(
        "INSERT INTO exports.steps (tenant_id, export_id, number, first, last, weight, state, runnable_at)"
        " VALUES ($1, $2, 1, 1, 1, 1, 'open', now() + interval '1 hour')",
        A,
        UUID(int=0xE),
    )
    await admin.execute("SET session_replication_role = origin")
    for delivery in found:
        if delivery.group == "api-gateway" and delivery.topic is not Topic.ACCESS_EVENTS:
            await delivery._handler(envelope(FOREIGN[delivery.topic], A))
    state = "SELECT array_agg(s.* ORDER BY number)::text FROM exports.steps s"
    rows = "SELECT count(*) FROM gateway.audit_entries"
    before = await admin.fetchval(state), await admin.fetchval(rows)
    assert before[1] == 2
    for delivery in found:
        again = FOREIGN[delivery.topic].model_copy(update={"event_id": UUID(int=hash(delivery.topic) % 2**64)})
        assert await kind_of_refusal(delivery, envelope(again, B)) in (None, *DROPPED), delivery.topic
    assert (await admin.fetchval(state), await admin.fetchval(rows)) == before
    assert await admin.fetchval(f"{rows} WHERE tenant_id = $1", B) == 0
    await admin.close()
