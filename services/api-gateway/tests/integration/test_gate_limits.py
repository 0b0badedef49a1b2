"""Rate limits on real Redis: counted together by all nodes, alone when Redis is away, told to the client."""

import asyncio
import re
import time
from datetime import timedelta
from typing import Any

from gateway_client import Gateway, StartGateway
from prometheus_client import REGISTRY
from pydantic import SecretStr

from api_gateway.domain.circuit import FIRST_PAUSE
from api_gateway.gate.domain.gcra import Charge, Limit, LocalBuckets
from api_gateway.gate.outbound.shared_limits import RedisLimits
from api_gateway.gate.settings import GateSettings, Rate
from common.ids import TenantId, new_id
from common.settings import RedisSettings
from common.testing.databases import TestDatabase
from common.testing.mirror import MirrorSeed

SLOW = Rate(per_minute=1, burst=6)


def _counted(where: str) -> float:
    return REGISTRY.get_sample_value("gateway_limits_counted_total", {"where": where}) or 0.0


async def test_redis_and_memory_judge_alike(redis_settings: RedisSettings) -> None:
    shared, local = RedisLimits.connect(redis_settings, 5), LocalBuckets()
    asked = [(Limit("a", 1, 7), "{x}a"), (Limit("b", 1, 9), "{x}b"), (Limit("c", 2, 4), "{x}c")]
    for number in range(40):
        charges = [Charge(limit, key) for index, (limit, key) in enumerate(asked) if number % (index + 2)]
        if not charges:
            continue
        cost = 1 + number % 3
        found, expected = await shared.charge(charges, cost), local.charge(charges, cost, 0)
        assert found is not None
        assert found.refused_by == expected.refused_by
        assert [each.remaining for each in found.standings] == [each.remaining for each in expected.standings]
        assert abs(found.retry_after - expected.retry_after) <= 2
    await shared.close()


async def test_a_used_up_limit_is_429_that_names_it_and_hurts_nobody_else(
    start_gateway: StartGateway, mirror: MirrorSeed, other_mirror: MirrorSeed
) -> None:
    gateway: Gateway = await start_gateway(limits=GateSettings(tenant=SLOW))
    first, second = gateway.as_tenant(mirror.tenant), gateway.as_tenant(mirror.tenant)
    answers = [await client.get("/connections") for client in (first, second) * 4]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
    told = [int(re.search(r'"tenant";r=(\d+);t=\d+', answer.headers["ratelimit"])[1]) for answer in answers]  # type: ignore[index]
    assert told == [5, 4, 3, 2, 1, 0, 0, 0]
    refused = answers[-1]
    assert (refused.json()["code"], refused.json()["limit"]) == ("limits.requests", "tenant")
    assert 50 <= int(refused.headers["retry-after"]) <= 60
    assert '"tenant";q=1;w=60' in refused.headers["ratelimit-policy"]
    assert refused.headers["content-type"] == "application/problem+json"
    assert "x-request-id" in refused.headers
    assert (await gateway.as_tenant(other_mirror.tenant).get("/connections")).status_code == 200
    russian = await first.get("/connections", headers={"Accept-Language": "ru"})
    assert russian.json()["title"].startswith("Слишком")


async def test_each_kind_of_caller_has_its_own_limit(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    gateway: Gateway = await start_gateway(limits=GateSettings(token=SLOW, address=SLOW))
    one, other = gateway.as_tenant(mirror.tenant), gateway.as_tenant(mirror.tenant)
    assert [(await one.get("/connections")).status_code for _ in range(7)][-2:] == [200, 429]
    assert (await other.get("/connections")).status_code == 200
    nobody = [await gateway.get("/nothing") for _ in range(7)]
    assert [answer.status_code for answer in nobody] == [404] * 6 + [429]
    assert nobody[-1].json()["limit"] == "address"
    forged = Gateway(gateway.client, gateway.web, {"Authorization": "Bearer x.y.z"})
    assert (await forged.get("/connections")).json()["limit"] == "address"
    assert (await gateway.client.get("/health/ready")).status_code == 200


async def test_dear_routes_take_more(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    gateway: Gateway = await start_gateway(limits=GateSettings(token=Rate(per_minute=1, burst=20)))
    client = gateway.as_tenant(mirror.tenant)

    async def left(answer: Any) -> int:
        return int((await answer).headers["ratelimit"].partition(";r=")[2].partition(";")[0])

    assert await left(client.get("/connections")) == 19
    assert await left(client.get("/issues")) == 17
    assert await left(client.post("/issues/search", {"q": "x"})) == 12
    assert await left(client.get("/issues/X-1/pdf")) == 2


async def test_nodes_count_together(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    limits = GateSettings(user=SLOW, token=SLOW)
    nodes: list[Gateway] = [await start_gateway(limits=limits), await start_gateway(limits=limits)]
    headers = nodes[0].as_tenant(mirror.tenant).headers
    statuses = [(await Gateway(node.client, node.web, headers).get("/connections")).status_code for node in nodes * 4]
    assert statuses == [200] * 6 + [429] * 2


async def test_without_redis_a_node_lets_its_share_through(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    away = RedisSettings(url=SecretStr("redis://127.0.0.1:9/0"))
    gateway: Gateway = await start_gateway(redis=away, limits=GateSettings(token=SLOW, nodes=2))
    client, before = gateway.as_tenant(mirror.tenant), _counted("local")
    statuses = [(await client.get("/connections")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert _counted("local") - before == 5


async def test_a_slow_redis_costs_a_request_at_most_its_budget(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gateway: Gateway = await start_gateway(redis=RedisSettings(url=SecretStr(f"redis://127.0.0.1:{port}/0")))
    client = gateway.as_tenant(mirror.tenant)
    before, started = _counted("local"), time.monotonic()
    for _ in range(8):
        assert (await client.get("/connections")).status_code == 200
    took = time.monotonic() - started
    assert _counted("local") - before == 8
    assert took < 0.5, "one request waited for the budget, the others did not ask"
    server.close()


async def test_a_tenant_lowers_its_own_limit_within_seconds(
    start_gateway: StartGateway, mirror: MirrorSeed, test_database: TestDatabase
) -> None:
    gateway: Gateway = await start_gateway()
    client = gateway.as_tenant(mirror.tenant)
    assert '"tenant";q=30000' in (await client.get("/connections")).headers["ratelimit-policy"]
    await _set(test_database, mirror.tenant, '{"limits": {"requests_per_minute": 600, "concurrent_requests": 2}}')
    deadline = time.monotonic() + 10
    while '"tenant";q=600;' not in (await client.get("/connections")).headers["ratelimit-policy"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    other = gateway.as_tenant(TenantId(new_id()))
    assert '"tenant";q=30000' in (await other.get("/connections")).headers["ratelimit-policy"]


async def _set(test_database: TestDatabase, tenant: TenantId, settings: str) -> None:
    admin = await test_database.admin()
    await admin.execute(
        "INSERT INTO auth.tenant_settings (tenant_id, version, settings, updated_at) VALUES ($1, 2, $2::jsonb, now())",
        tenant,
        settings,
    )
    await admin.close()


async def test_many_failures_at_once_pause_no_longer_than_one(redis_settings: RedisSettings) -> None:
    shared = RedisLimits.connect(RedisSettings(url=SecretStr("redis://127.0.0.1:9/0")), 5)
    charge = (Charge(Limit("a", 1, 7), "{x}a"),)
    assert await asyncio.gather(*(shared.charge(charge, 1) for _ in range(20))) == [None] * 20
    assert shared._circuit.pause == FIRST_PAUSE
    await shared.close()


async def test_who_asks_on_in_spite_of_429_is_answered_slowly(start_gateway: StartGateway, mirror: MirrorSeed) -> None:
    limits = GateSettings(token=Rate(per_minute=1, burst=1), pause=timedelta(milliseconds=300))
    gateway: Gateway = await start_gateway(limits=limits)
    client, times = gateway.as_tenant(mirror.tenant), []
    for _ in range(8):
        began = time.monotonic()
        answer = await client.get("/connections")
        times.append(time.monotonic() - began)
    assert answer.status_code == 429
    assert max(times[1:6]) < 0.3 <= min(times[6:])
