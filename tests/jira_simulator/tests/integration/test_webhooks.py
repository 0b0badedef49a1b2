"""Webhooks as they arrive: signed, identified, retried, lost, doubled, in each personality's shape."""

import hashlib
import hmac
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio.to_thread
import pytest

from jira_simulator.webhook_receiver import receiver

HOOKS = "/rest/webhooks/1.0/webhook"
ISSUE_EVENTS = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"]
ALL_EVENTS = [
    *ISSUE_EVENTS,
    "comment_created", "comment_updated", "comment_deleted", "worklog_created", "worklog_deleted",
    "attachment_created", "attachment_deleted", "issuelink_created", "issuelink_deleted",
]  # fmt: skip


@contextmanager
def registered(simulator, url, events, **more: Any):
    with simulator.client() as jira:
        body = {"name": "test", "url": url, "events": events, **more}
        made = jira.post(HOOKS, json=body)
        assert made.status_code == 201, made.text
        try:
            yield made.json()
        finally:
            jira.delete(made.json()["self"])


@asynccontextmanager
async def listening(simulator, events=ALL_EVENTS, **more: Any):
    async with receiver() as made:
        with registered(simulator, made.url, events, **more):
            yield made


async def run(function, *arguments: Any, **options: Any):
    return await anyio.to_thread.run_sync(lambda: function(*arguments, **options))


def project(simulator):
    return "SHOP" if simulator.personality == "cloud" else "CORE"


async def test_a_delivery_is_signed_over_its_raw_body(running):
    secret = "It's a Secret to Everybody"
    async with listening(running, ISSUE_EVENTS, secret=secret) as made:
        await run(running.create, project(running), summary="Signed delivery")
        await made.until(lambda: len(made.got) == 1)
    headers, body = made.got[0]
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature"] == f"sha256={expected}"
    assert headers["x-atlassian-webhook-flow"] == "Primary"
    assert "x-atlassian-webhook-retry" not in headers


async def test_the_secret_is_never_shown_again(running):
    async with receiver() as made:
        with registered(running, made.url, ISSUE_EVENTS, secret="hush") as shape:
            assert shape["isSigned"] is True
            with running.client() as jira:
                assert "hush" not in jira.get(HOOKS).text
        with registered(running, made.url, ISSUE_EVENTS) as shape:
            assert shape["isSigned"] is False


async def test_only_an_administrator_may_register(running):
    body = {"name": "x", "url": "http://127.0.0.1:9/", "events": ISSUE_EVENTS}
    with running.client(limited=True) as jira:
        assert jira.post(HOOKS, json=body).status_code == 403
    with running.client() as jira:
        assert jira.post(HOOKS, json=body | {"events": ["no_such_event"]}).status_code == 400
        assert jira.post(HOOKS, json=body | {"url": "nowhere"}).status_code == 400


async def test_cloud_retries_with_the_same_identifier_and_counts(cloud_process):
    async with listening(cloud_process, ISSUE_EVENTS) as made:
        made.answers = [503, 429]
        await run(cloud_process.create, "SHOP", summary="Retried delivery")
        await made.until(lambda: len(made.got) == 3)
    assert len({headers["x-atlassian-webhook-identifier"] for headers, _ in made.got}) == 1
    assert [headers.get("x-atlassian-webhook-retry") for headers, _ in made.got] == [None, "1", "2"]
    assert len({body for _, body in made.got}) == 1


async def test_cloud_gives_up_after_five_retries_and_at_once_for_other_refusals(cloud_process):
    failed = cloud_process.stats()["webhooks"]["failed"]
    async with listening(cloud_process, ISSUE_EVENTS) as made:
        made.answers = [500] * 10
        await run(cloud_process.create, "SHOP", summary="Always refused")
        await made.until(lambda: cloud_process.stats()["webhooks"]["failed"] == failed + 1)
        assert len(made.got) == 6
        made.answers = [404]
        await run(cloud_process.create, "SHOP", summary="Refused for good")
        await made.until(lambda: cloud_process.stats()["webhooks"]["failed"] == failed + 2)
        assert len(made.got) == 7


async def test_data_center_never_retries(datacenter_process):
    failed = datacenter_process.stats()["webhooks"]["failed"]
    async with listening(datacenter_process, ISSUE_EVENTS) as made:
        made.answers = [503]
        await run(datacenter_process.create, "CORE", summary="Sent once")
        await made.until(lambda: datacenter_process.stats()["webhooks"]["failed"] == failed + 1)
        assert len(made.got) == 1


async def test_a_comment_on_cloud_names_the_issue_with_six_fields(cloud_process):
    async with listening(cloud_process) as made:
        await run(cloud_process.edit, "SHOP-1", comment="Hello there")
        await made.until(lambda: made.got)
    (body,) = made.bodies("comment_created")
    assert body["comment"]["body"] == "Hello there"
    assert set(body["issue"]["fields"]) == {"summary", "issuetype", "project", "assignee", "priority", "status"}
    assert "user" not in body
    assert made.bodies("jira:issue_updated") == []


async def test_a_comment_on_data_center_comes_twice_in_two_shapes(datacenter_process):
    async with listening(datacenter_process) as made:
        await run(datacenter_process.edit, "CORE-1", comment="Hello there")
        await made.until(lambda: len(made.got) == 2)
    (short,), (long,) = made.bodies("comment_created"), made.bodies("jira:issue_updated")
    assert "issue" not in short
    assert long["issue_event_type_name"] == "issue_commented"
    assert long["comment"]["id"] == short["comment"]["id"]
    assert "changelog" not in long


async def test_an_update_carries_wiki_text_and_what_changed(running):
    key = f"{project(running)}-2"
    async with listening(running, ISSUE_EVENTS) as made:
        await run(running.edit, key, fields={"description": "h1. New *text*", "priority": "Low"})
        await made.until(lambda: made.got)
    (body,) = made.bodies("jira:issue_updated")
    assert body["issue"]["fields"]["description"] == "h1. New *text*"
    assert "expand" not in body["issue"]
    items = {item["field"]: item for item in body["changelog"]["items"]}
    assert items["description"]["toString"] == "h1. New *text*"
    assert ("fieldId" in items["description"]) is (running.personality == "cloud")


async def test_a_move_is_an_update_of_its_own_kind(running):
    made_issue = running.create(project(running), summary="To be moved")
    target = "MOB" if running.personality == "cloud" else "WEB"
    async with listening(running, ISSUE_EVENTS) as made:
        await run(running.move, made_issue["key"], target)
        await made.until(lambda: made.got)
    (body,) = made.bodies("jira:issue_updated")
    assert body["issue_event_type_name"] == "issue_moved"
    assert {"project", "Key"} <= {item["field"] for item in body["changelog"]["items"]}
    assert (body["issue"]["id"], body["issue"]["key"].split("-")[0]) == (made_issue["id"], target)


async def test_a_worklog_comes_without_its_issue(running):
    async with listening(running, ["worklog_created"]) as made:
        await run(running.edit, f"{project(running)}-1", worklog="2h")
        await made.until(lambda: made.got)
    (body,) = made.bodies("worklog_created")
    assert "issue" not in body
    assert body["worklog"]["issueId"].isdigit()


async def test_a_link_names_its_issues_by_number_only(running):
    key = project(running)
    one, two = running.create(key, summary="Source issue"), running.create(key, summary="Target issue")
    async with listening(running, ["issuelink_created"]) as made:
        body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": one["key"]}, "outwardIssue": {"key": two["key"]}}
        with running.client() as jira:
            assert (await run(jira.post, "/rest/api/2/issueLink", json=body)).status_code == 201
        await made.until(lambda: made.got)
    (body,) = made.bodies("issuelink_created")
    assert (body["issueLink"]["sourceIssueId"], body["issueLink"]["destinationIssueId"]) == (
        int(one["id"]),
        int(two["id"]),
    )
    assert "issue" not in body


async def test_deleting_an_issue_sends_its_fallout_as_secondary(running):
    made_issue = running.create(project(running), summary="Short life")
    running.edit(made_issue["key"], comment="one", worklog="5m")
    async with listening(running, ["jira:issue_deleted", "comment_deleted", "worklog_deleted"]) as made:
        await run(running.delete, made_issue["key"])
        await made.until(lambda: len(made.got) == 3)
    flows = sorted(headers["x-atlassian-webhook-flow"] for headers, _ in made.got)
    assert flows == ["Primary", "Secondary", "Secondary"]
    (body,) = made.bodies("jira:issue_deleted")
    assert (body["issue"]["id"], body["issue"]["key"]) == (made_issue["id"], made_issue["key"])


async def test_a_filter_lets_only_matching_issues_through(running):
    key = project(running)
    async with listening(running, ISSUE_EVENTS, filters={"issue-related-events-section": "priority = High"}) as made:
        await run(running.create, key, summary="Silent", priority="Low")
        await run(running.create, key, summary="Loud", priority="High")
        await made.until(lambda: made.got)
    assert [body["issue"]["fields"]["summary"] for body in made.bodies("jira:issue_created")] == ["Loud"]


async def test_webhooks_are_lost_doubled_and_delayed_on_demand(running):
    before = running.stats()["webhooks"]
    async with listening(running, ISSUE_EVENTS) as made:
        running.faults(webhooks={"lose": 1})
        await run(running.create, project(running), summary="Lost on the way")
        running.faults(webhooks={"double": 1, "delay_ms": [10, 20]})
        await run(running.create, project(running), summary="Told twice")
        await made.until(lambda: len(made.got) == 2)
    after = running.stats()["webhooks"]
    assert [body["issue"]["fields"]["summary"] for body in made.bodies("jira:issue_created")] == ["Told twice"] * 2
    assert len({headers["x-atlassian-webhook-identifier"] for headers, _ in made.got}) == 1
    assert (after["lost"] - before["lost"], after["doubled"] - before["doubled"]) == (1, 1)


@pytest.mark.parametrize("count", [12])
async def test_webhooks_overtake_each_other_on_demand(running, count):
    async with listening(running, ["jira:issue_created"]) as made:
        running.faults(seed=3, webhooks={"reorder": 0.5})
        for number in range(count):
            await run(running.create, project(running), summary=f"Number {number:02d}")
        await made.until(lambda: len(made.got) == count)
    order = [body["issue"]["fields"]["summary"] for body in made.bodies("jira:issue_created")]
    assert sorted(order) != order
    assert len(set(order)) == count
