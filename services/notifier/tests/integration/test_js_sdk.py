"""The unmodified npm client `centrifuge`: live, recovery, refusals, refresh, invalidated state."""

import asyncio
import time

import pytest
from notifier_bus import changed

from common.clock import utc_now
from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.ids import new_id, public_id
from common.testing.centrifuge_js import Js, install


@pytest.fixture(scope="session", autouse=True)
def installed():
    install()


@pytest.fixture
async def js():
    async with Js() as process:
        yield process


async def test_the_stock_client_hears_an_issue_event(js, node, mint, bus, mirror):
    js.tell("open", url=node.url, token=mint.token(mirror.tenant))
    js.tell("subscribe", channel=mirror.project)
    js.tell("subscribe", channel=f"issue:{mirror.issue}")
    for _ in range(2):
        await js.wait_for("subscribed")
    position = await bus.send(changed(mirror, 5), mirror.tenant)
    heard = [await js.wait_for("publication") for _ in range(2)]
    assert {one["channel"] for one in heard} == {mirror.project, f"issue:{mirror.issue}"}
    assert {one["offset"] for one in heard} == {position}
    assert heard[0]["data"]["type"] == "jira.issue.changed.v1"


async def test_what_the_server_does_not_do_has_its_code(js, node, mint, mirror):
    js.tell("open", url=node.url, token=mint.token(mirror.tenant))
    js.tell("subscribe", channel=mirror.project)
    await js.wait_for("subscribed")
    for command, code in (("publish", 103), ("presence_stats", 108), ("rpc", 104)):
        js.tell(command, channel=mirror.project, method="m")
        assert (await js.wait_for("answer"))["code"] == code
    js.tell("history", channel=mirror.project)
    assert (await js.wait_for("answer"))["result"]["epoch"].startswith("jira.")


async def test_a_strangers_channel_is_refused_for_good(js, node, mint, mirror):
    js.tell("open", url=node.url, token=mint.token(public_id("ten", new_id())))
    js.tell("subscribe", channel=mirror.project)
    assert (await js.wait_for("unsubscribed"))["code"] == 103


async def test_after_a_restart_the_stock_client_gets_what_it_missed_once(js, start_node, mint, bus, mirror):
    node = await start_node()
    js.tell("open", url=node.url, token=mint.token(mirror.tenant))
    js.tell("subscribe", channel=mirror.project)
    await js.wait_for("subscribed")
    await bus.send(changed(mirror, 1), mirror.tenant)
    assert await js.revisions(1) == [1]
    await node.stop()
    for number in range(2, 20):
        await bus.send(changed(mirror, number), mirror.tenant)
    again = await start_node(http=node.settings.http)
    await bus.send(changed(mirror, 20), mirror.tenant)
    assert await js.revisions(19) == list(range(2, 21))
    assert (await js.wait_for("subscribed"))["recovered"]
    assert len(again.app.connections) == 1


async def test_a_position_that_cannot_be_recovered_is_told(js, node, mint, bus, mirror):
    await bus.send(changed(mirror, 1), mirror.tenant)
    js.tell("open", url=node.url, token=mint.token(mirror.tenant))
    js.tell("subscribe", channel=mirror.project, since={"epoch": "jira.gone", "offset": 1})
    context = await js.wait_for("subscribed")
    assert (context["wasRecovering"], context["recovered"]) == (True, False)


async def test_a_client_with_state_reads_it_again_when_its_position_is_gone(js, node, mint, bus, mirror):
    """It asks not to be subscribed unrecovered (flag 2), gets 112, and calls getState again."""
    await bus.send(changed(mirror, 1), mirror.tenant)
    js.tell("open", url=node.url, token=mint.token(mirror.tenant))
    js.tell("subscribe", channel=mirror.project, stateful=True)
    for _ in range(2):
        await js.wait_for("state_asked")


async def test_the_stock_client_refreshes_its_token_on_the_open_connection(js, start_node, mint, bus, mirror):
    node = await start_node(token_grace_seconds=2)
    user = public_id("usr", new_id())
    fresh = mint.token(mirror.tenant, sub=user)
    js.tell("open", url=node.url, token=mint.token(mirror.tenant, sub=user, ttl=2), tokens=[fresh])
    js.tell("subscribe", channel=mirror.project)
    await js.wait_for("subscribed")
    await js.wait_for("token_asked")
    async with asyncio.timeout(10):
        while next(iter(node.app.connections)).viewer.expires_at.timestamp() < time.time() + 60:
            await asyncio.sleep(0.05)
    await bus.send(changed(mirror, 3), mirror.tenant)
    assert await js.revisions(1) == [3]


async def test_a_changed_membership_makes_the_stock_client_come_back_with_a_new_token(js, node, mint, bus, mirror):
    user, now = public_id("usr", new_id()), int(time.time())
    old = mint.token(mirror.tenant, sub=user, iat=now - 5, ttl=500)
    js.tell("open", url=node.url, token=old, tokens=[mint.token(mirror.tenant, sub=user, iat=now + 1)])
    js.tell("subscribe", channel=mirror.project)
    await js.wait_for("subscribed")
    await bus.send(MembershipChangedV1(user_id=user, at=utc_now(), role="member"), mirror.tenant)
    await js.wait_for("token_asked")
    await js.wait_for("subscribed")
    await bus.send(changed(mirror, 4), mirror.tenant)
    assert await js.revisions(1) == [4]


async def test_the_end_of_a_session_is_final_for_the_stock_client(js, node, mint, bus, mirror):
    session = public_id("ses", new_id())
    js.tell("open", url=node.url, token=mint.token(mirror.tenant, sid=session), tokens=[])
    await js.wait_for("connected")
    event = SessionEndedV1(user_id=public_id("usr", new_id()), at=utc_now(), session_id=session, reason="logout")
    await bus.send(event, mirror.tenant)
    assert (await js.wait_for("disconnected"))["code"] == 3500
