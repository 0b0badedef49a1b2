"""Before a node knows the last minutes it lets nobody in; a quiet feed's position survives a restart."""

import asyncio

import httpx
import pytest
import uvicorn
from notifier_bus import changed
from notifier_node import QuietServer, node_settings
from notifier_raw import Raw
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from common.ids import new_id, public_id
from common.settings import KafkaSettings
from notifier.main import build, socket_options


async def test_without_kafka_from_the_start_sockets_are_asked_to_wait_and_health_says_why(test_database, mint):
    settings = node_settings(test_database, KafkaSettings(bootstrap="127.0.0.1:1"), mint.jwks_url)
    config = uvicorn.Config(
        build(settings), port=settings.http.port, log_config=None, access_log=False, **socket_options(settings)
    )
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{settings.http.port}/connection/websocket", proxy=None)
    assert refused.value.response.status_code == 503
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{settings.http.port}/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"history": "away", "postgres": "up", "kafka": "away"}
    server.should_exit = True
    await serving


async def test_a_restarted_node_knows_where_a_feed_stands_and_what_was_missed(start_node, mint, bus, mirror):
    node = await start_node()
    token = mint.token(mirror.tenant)
    async with Raw(node.url) as raw:
        await raw.connect(token)
        await raw.subscribe(mirror.project)
        top = await bus.send(changed(mirror), mirror.tenant)
        await raw.hear_publication()
    await node.stop()
    again = await start_node()
    async with Raw(again.url) as raw:
        await raw.connect(token)
        answer = (await raw.subscribe(mirror.project, recover=True, epoch="jira.e1", offset=top))["subscribe"]
        assert (answer["recovered"], answer["offset"], answer.get("publications", [])) == (True, top, [])
        await raw.ask(unsubscribe={"channel": mirror.project})
        answer = (await raw.subscribe(mirror.project, recover=True, epoch="jira.e1", offset=top - 1))["subscribe"]
        assert [one["offset"] for one in answer["publications"]] == [top]


async def test_a_new_epoch_makes_clients_subscribe_again_and_learn_of_it(node, mint, bus, mirror):
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant))
        await bus.send(changed(mirror), mirror.tenant)
        await raw.subscribe(mirror.project)
        top = await bus.send(changed(mirror), mirror.tenant)
        # The first one may have come to this node only after the subscription: then it is heard too.
        while (await raw.hear_publication())["offset"] != top:
            pass
        bus.epoch = "e2"
        await bus.send(changed(mirror), mirror.tenant)
        assert (await raw.hear())["push"] == {
            "channel": mirror.project,
            "unsubscribe": {"code": 2500, "reason": "insufficient state"},
        }
        answer = (await raw.subscribe(mirror.project, recover=True, epoch="jira.e1", offset=top))["subscribe"]
        assert (answer["epoch"], answer["recovered"]) == ("jira.e2", False)


async def test_a_foreign_message_on_the_bus_does_not_stop_the_others(node, mint, bus, mirror):
    async with Raw(node.url) as raw:
        await raw.connect(mint.token(mirror.tenant))
        await raw.subscribe(mirror.project)
        await bus.send_raw("jira.issues", b"not json")
        await bus.send_raw("jira.issues", b'{"id":"1","type":"t","subject":"s","time":"2026-01-01T00:00:00Z"}')
        await bus.send(changed(mirror, project_id="../../etc", connection_id=public_id("con", new_id())), mirror.tenant)
        position = await bus.send(changed(mirror), mirror.tenant)
        assert (await raw.hear_publication())["offset"] == position
