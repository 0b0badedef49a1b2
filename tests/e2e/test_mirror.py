"""The mirror equals Jira's truth, follows edits, and keeps Jira's restrictions; for both personalities."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from common.testing.system import System, eventually


@pytest.fixture(autouse=True)
def _no_faults(system: System, personality: str) -> Iterator[None]:
    yield
    system.simulator(personality).door("DELETE", "/faults")


def listed(system: System, personality: str) -> dict[str, dict[str, Any]]:
    connection = system.connection(personality)
    return {item["jira_id"]: item for item in system.pages(f"/issues?connection={connection['id']}")}


def visible(system: System, personality: str) -> dict[str, dict[str, Any]]:
    """What Jira has and no security level hides; a project that the account may not see is not in it."""
    projects = {
        project["key"]
        for project in system.get(f"/connections/{system.connection(personality)['id']}/projects")["items"]
    }
    return {
        str(issue["id"]): issue
        for issue in system.simulator(personality).truth()
        if not issue["security"] and issue["key"].rpartition("-")[0] in projects
    }


def test_every_visible_issue_is_listed_with_its_fields(system: System, personality: str) -> None:
    mirror, truth = listed(system, personality), visible(system, personality)
    assert len(truth) > 50
    assert set(mirror) == set(truth)
    for jira_id, issue in truth.items():
        card = mirror[jira_id]
        assert (card["key"], card["summary"], card["status"]["name"]) == (
            issue["key"],
            issue["summary"],
            issue["status"],
        )
        assert sorted(card["labels"]) == sorted(issue["labels"])


def test_comments_worklogs_and_history_are_complete_also_where_search_cuts_them_off(
    system: System, personality: str
) -> None:
    truth = visible(system, personality)
    most = sorted(truth.values(), key=lambda issue: len(issue["comments"]) + issue["changes"], reverse=True)[:5]
    assert max(len(issue["comments"]) for issue in most) > 20
    assert max(issue["changes"] for issue in most) > 20
    for issue in most:
        comments = system.pages(f"/issues/{issue['key']}/comments?connection={system.connection(personality)['id']}")
        history = system.pages(f"/issues/{issue['key']}/history?connection={system.connection(personality)['id']}")
        assert len(comments) <= len(issue["comments"])
        hidden = len(issue["comments"]) - len(comments)
        assert hidden <= 0.3 * len(issue["comments"]), "only comments with a visibility may be missing"
        assert len(history) == issue["changes"]


def test_an_edit_a_comment_a_transition_and_a_new_issue_arrive(system: System, personality: str) -> None:
    simulator = system.simulator(personality)
    card = next(iter(listed(system, personality).values()))
    text = f"Edited at {time.time_ns()}"
    simulator.edit(card["key"], fields={"summary": text, "labels": ["fresh"]}, comment=f"Seen {text}")
    eventually(lambda: system.issue(card["id"])["summary"] == text, within=15)
    assert system.issue(card["id"])["labels"] == ["fresh"]
    bodies = [one["body"]["text"] for one in system.pages(f"/issues/{card['id']}/comments")]
    assert f"Seen {text}" in bodies
    made = simulator.door("POST", "/issues", {"project": card["project"]["key"], "fields": {"summary": f"New {text}"}})
    eventually(lambda: system.call("GET", f"/issues/{made['key']}").status_code == 200, within=15)
    found = system.get("/issues", params={"q": text.rsplit(maxsplit=1)[-1]})["items"]
    assert {item["key"] for item in found} >= {card["key"], made["key"]}


def test_a_deleted_issue_is_gone_and_a_moved_one_is_found_by_both_keys(system: System, personality: str) -> None:
    simulator = system.simulator(personality)
    cards = list(listed(system, personality).values())
    projects = sorted({card["project"]["key"] for card in cards})
    gone, moved = (
        simulator.door("POST", "/issues", {"project": projects[0], "fields": {"summary": f"Short lived {n}"}})
        for n in range(2)
    )
    for issue in (gone, moved):
        eventually(lambda key=issue["key"]: system.call("GET", f"/issues/{key}").status_code == 200, within=15)
    before = system.issue(moved["key"])["id"]
    simulator.door("POST", f"/issues/{gone['key']}/delete")
    simulator.door("POST", f"/issues/{moved['key']}/move", {"project": projects[1]})
    eventually(lambda: system.call("GET", f"/issues/{gone['key']}").status_code == 404, within=15)
    eventually(lambda: system.issue(moved["key"])["project"]["key"] == projects[1], within=15)
    after = system.issue(moved["key"])
    assert after["id"] == before
    assert after["key"] != moved["key"]
    assert system.issue(after["key"])["id"] == before


def test_an_issue_that_becomes_restricted_disappears_and_comes_back(system: System, personality: str) -> None:
    simulator = system.simulator(personality)
    project = next(iter(listed(system, personality).values()))["project"]["key"]
    word = f"secretword{time.time_ns()}"
    made = simulator.door("POST", "/issues", {"project": project, "fields": {"summary": f"About {word}"}})
    eventually(lambda: system.get("/issues", params={"q": word})["items"], within=15)
    simulator.door("POST", f"/issues/{made['key']}/restrict", {"level": "Internal"})
    eventually(lambda: system.call("GET", f"/issues/{made['key']}").status_code == 404, within=15)
    assert system.get("/issues", params={"q": word, "count": "true"})["count"]["value"] == 0
    for tail in ("/comments", "/history", "/attachments", "/pdf"):
        assert system.call("GET", f"/issues/{made['key']}{tail}").status_code == 404
    simulator.door("POST", f"/issues/{made['key']}/restrict", {"level": None})
    eventually(lambda: system.call("GET", f"/issues/{made['key']}").status_code == 200, within=15)


def test_lost_webhooks_are_made_up_for_by_polling(system: System, personality: str) -> None:
    simulator = system.simulator(personality)
    card = next(iter(listed(system, personality).values()))
    simulator.door("POST", "/faults", {"webhooks": {"lose": 1.0}})
    text = f"Nobody was told {time.time_ns()}"
    simulator.edit(card["key"], fields={"summary": text})
    eventually(lambda: system.issue(card["id"])["summary"] == text, within=60, every=0.5)


def test_doubled_late_and_reordered_webhooks_leave_the_newest_state(system: System, personality: str) -> None:
    simulator = system.simulator(personality)
    card = next(iter(listed(system, personality).values()))
    simulator.door("POST", "/faults", {"seed": 1, "webhooks": {"double": 1.0, "delay_ms": [0, 800], "reorder": True}})
    last = ""
    for number in range(10):
        last = f"State {number} of {time.time_ns()}"
        simulator.edit(card["key"], fields={"summary": last})
    eventually(lambda: system.issue(card["id"])["summary"] == last, within=30)
    time.sleep(2)  # hooks that were held back still come in: they must change nothing
    assert system.issue(card["id"])["summary"] == last
