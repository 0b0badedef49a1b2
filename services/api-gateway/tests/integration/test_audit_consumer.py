"""Entries of the other services on real Kafka: kept once, for the tenant that owns what they are about."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from audit_rows import signed
from gateway_client import Gateway, StartGateway

from api_gateway.audit.inbound.consumers import handler_of
from common.contracts.access import SessionEndedV1
from common.contracts.audit import AccessAuditRecordedV1, AuditRecorded, ExportAuditRecordedV1, SyncAuditRecordedV1
from common.contracts.events import Envelope, Event, cloud_event
from common.contracts.topics import Topic
from common.errors import NotFound
from common.ids import PLATFORM, TenantId, new_id, public_id
from common.messaging.kafka import producer, topic_name
from common.settings import KafkaSettings

KINDS: tuple[type[AuditRecorded], ...] = (AccessAuditRecordedV1, SyncAuditRecordedV1, ExportAuditRecordedV1)


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(new_id())


@pytest.fixture
async def sender(kafka_settings: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    made = producer(kafka_settings)
    await made.start()
    yield made
    await made.stop()


def recorded(kind: type[AuditRecorded] = AccessAuditRecordedV1, **more: Any) -> AuditRecorded:
    values: dict[str, Any] = {"actor_kind": "user", "actor_id": "usr_a", "action": "member.invited"}
    return kind(**{**values, "at": datetime(2026, 11, 23, tzinfo=UTC), **more})


def wire(event: Event, tenant: TenantId) -> dict[str, Any]:
    return cloud_event(event, tenant=tenant, time=datetime.now(UTC), traceparent=None)


async def handled(gateway: Gateway, event: Event, tenant: TenantId, topic: Topic | None = None) -> None:
    """As the consumer does, without Kafka."""
    envelope = Envelope.model_validate_json(orjson.dumps(wire(event, tenant)))
    await handler_of(topic or event.topic, gateway.web.state.app)(envelope)


async def entries(gateway: Gateway, tenant: TenantId | None, **params: Any) -> list[dict[str, Any]]:
    """But for those about this very reading."""
    answer = await signed(gateway, tenant).get("/audit", action=["member.", "tenant."], **params)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_entries_of_all_services_arrive_once_and_other_facts_pass_by(
    start_gateway: StartGateway, kafka_settings: KafkaSettings, sender: AIOKafkaProducer, tenant: TenantId
) -> None:
    gateway = await start_gateway(kafka=kafka_settings)
    other = SessionEndedV1(user_id="usr_a", at=datetime.now(UTC), session_id="ses_a", reason="logout")
    for kind in KINDS:
        event = recorded(kind, details={"role": "admin"})
        for sent in (other, event, event):
            name = topic_name(kafka_settings, event.topic)
            await sender.send_and_wait(name, key=b"k", value=orjson.dumps(wire(sent, tenant)))
    async with asyncio.timeout(40):
        while len(await entries(gateway, tenant)) < len(KINDS):
            await asyncio.sleep(0.1)
    found = await entries(gateway, tenant)
    assert sorted(item["source"] for item in found) == ["auth", "export-worker", "jira-sync"]
    assert {item["details"]["role"] for item in found} == {"admin"}


async def test_a_second_delivery_changes_nothing(gateway: Gateway, tenant: TenantId) -> None:
    event = recorded()
    for _ in range(3):
        await handled(gateway, event, tenant)
    (found,) = await entries(gateway, tenant)
    assert found["id"] == public_id("evt", event.event_id)


async def test_other_facts_of_the_topics_cost_no_look_at_the_database(
    gateway: Gateway, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(gateway.web.state.app.db, "_engine", never)
    ended = SessionEndedV1(user_id="usr_a", at=datetime.now(UTC), session_id="ses_a", reason="logout")
    await handled(gateway, ended, tenant)


@pytest.mark.parametrize(("kind", "prefix"), [("connection", "con"), ("export", "exp")])
async def test_an_entry_about_what_is_another_tenants_is_dropped(
    gateway: Gateway, tenant: TenantId, kind: str, prefix: str
) -> None:
    owner, thing = TenantId(new_id()), public_id(prefix, new_id())
    await handled(gateway, recorded(target_kind=kind, target_id=thing), owner)
    with pytest.raises(NotFound):
        await handled(gateway, recorded(target_kind=kind, target_id=thing), tenant)
    assert await entries(gateway, tenant) == []
    await handled(gateway, recorded(target_kind=kind, target_id=thing), owner)
    assert len(await entries(gateway, owner)) == 2


async def test_an_entry_that_names_another_tenant_is_dropped_but_for_the_platforms(
    gateway: Gateway, tenant: TenantId
) -> None:
    other = public_id("ten", new_id())
    with pytest.raises(NotFound):
        await handled(gateway, recorded(action="tenant.changed", target_kind="tenant", target_id=other), tenant)
    await handled(gateway, recorded(action="tenant.changed", target_kind="tenant", target_id=other), PLATFORM)
    assert await entries(gateway, tenant) == []
    assert len(await entries(gateway, None, target=other)) == 1
    mine = public_id("ten", tenant)
    await handled(gateway, recorded(action="tenant.settings_changed", target_kind="tenant", target_id=mine), tenant)
    assert len(await entries(gateway, tenant)) == 1


async def test_people_belong_to_several_tenants_so_each_may_speak_of_them(gateway: Gateway, tenant: TenantId) -> None:
    person = public_id("usr", new_id())
    for each in (TenantId(new_id()), tenant):
        await handled(gateway, recorded(target_kind="user", target_id=person), each)
        assert len(await entries(gateway, each)) == 1


async def test_an_entry_on_the_topic_of_another_service_is_dropped(gateway: Gateway, tenant: TenantId) -> None:
    with pytest.raises(NotFound):
        await handled(gateway, recorded(SyncAuditRecordedV1), tenant, Topic.ACCESS_EVENTS)
    assert await entries(gateway, tenant) == []


async def test_the_gateway_serves_without_kafka(gateway: Gateway, tenant: TenantId) -> None:
    assert (await signed(gateway, tenant).get("/audit")).status_code == 200
