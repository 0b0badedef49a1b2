"""A Jira in; things that an unprivileged viewer must not learn of, each with words of its own, out.

Around them stands what he may see and what could tell of them: links, a child, a history, a moved issue.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from common.testing.system import Json, Simulator, System, expect

OPEN_PROJECT = "CORE"
HIDDEN_PROJECT = "LAB"
LEVEL = "Confidential"
ROLE = {"type": "role", "value": "Administrators"}


@dataclass
class Planted:
    """Keys as Jira has them; `words` are the markers by the place in which they stand."""

    words: dict[str, str]
    restricted: str = ""  # has a security level
    elsewhere: str = ""  # is in a project that is not granted
    visible: str = ""  # names both in links and history, and has a comment and a worklog for a role
    child: str = ""  # a visible sub-task of the restricted one
    moved: str = ""  # came from the hidden project
    hidden_keys: list[str] = field(default_factory=list)

    @property
    def seen_keys(self) -> list[str]:
        return [self.visible, self.child, self.moved]


_PLACES = (
    "summary", "description", "comment", "worklog", "file", "label",
    "lab_summary", "lab_description", "lab_comment", "lab_file",
    "role_comment", "role_worklog",
)  # fmt: skip


def new_words() -> dict[str, str]:
    """Nothing else in the world holds them, so an answer with one has told."""
    return {place: f"zq{place.replace('_', '')}{secrets.token_hex(4)}" for place in _PLACES}


def plant(system: System) -> Planted:
    """Makes all of it in the Data Center simulator, as other users of Jira would."""
    simulator, words = system.simulator("datacenter"), new_words()
    planted = Planted(words)
    planted.restricted = _restricted(simulator, words)
    planted.elsewhere = _elsewhere(simulator, words)
    planted.visible = _create(simulator, OPEN_PROJECT, {"summary": "An open issue", "description": "Everybody's."})
    simulator.edit(
        planted.visible,
        comment={"body": words["role_comment"], "visibility": ROLE},
        worklog={"timeSpent": "3h", "comment": words["role_worklog"], "visibility": ROLE},
    )
    simulator.edit(planted.visible, comment="A comment for all", worklog={"timeSpent": "1h", "comment": "Work for all"})
    fields = {"summary": "An open part", "issuetype": "Sub-task", "parent": {"key": planted.restricted}}
    planted.child = _create(simulator, OPEN_PROJECT, fields)
    before = _create(simulator, HIDDEN_PROJECT, {"summary": "A traveller"})
    simulator.door("POST", f"/issues/{before}/move", {"project": OPEN_PROJECT})
    planted.moved = _key_now(simulator, before)
    with _as_administrator(system) as jira:
        for key, place in ((planted.restricted, "file"), (planted.elsewhere, "lab_file")):
            _upload(jira, key, f"{words[place]}.txt")
        for key in planted.seen_keys:
            _upload(jira, key, "open.txt")
        for other in (planted.restricted, planted.elsewhere):
            _link(jira, planted.visible, other)
    simulator.edit(planted.visible, fields={"summary": "An open issue, edited"})
    planted.hidden_keys = [planted.restricted, planted.elsewhere, before]
    return planted


def _restricted(simulator: Simulator, words: dict[str, str]) -> str:
    """Restricted at once, before anybody mirrors it."""
    fields = {"summary": words["summary"], "description": words["description"], "labels": [words["label"]]}
    key = _create(simulator, OPEN_PROJECT, fields)
    simulator.door("POST", f"/issues/{key}/restrict", {"level": LEVEL})
    simulator.edit(key, comment=words["comment"], worklog={"timeSpent": "2h", "comment": words["worklog"]})
    return key


def _elsewhere(simulator: Simulator, words: dict[str, str]) -> str:
    fields = {"summary": words["lab_summary"], "description": words["lab_description"]}
    key = _create(simulator, HIDDEN_PROJECT, fields)
    simulator.edit(key, comment=words["lab_comment"])
    return key


def _create(simulator: Simulator, project: str, fields: Json) -> str:
    return str(simulator.door("POST", "/issues", {"project": project, "fields": fields})["key"])


def _key_now(simulator: Simulator, key: str) -> str:
    """Where the old key leads after a move."""
    return str(simulator.door("POST", f"/issues/{key}/edit", {"comment": "It has arrived"})["key"])


def _as_administrator(system: System) -> httpx.Client:
    auth = (system.env["SIM_DC_USER"], system.env["SIM_DC_PASSWORD"])
    return httpx.Client(base_url=f"{system.env['SIM_DC_URL']}/rest/api/2", auth=auth, trust_env=False, timeout=30)


def _upload(jira: httpx.Client, key: str, name: str) -> None:
    files = {"file": (name, name.encode(), "text/plain")}
    answer = jira.post(f"/issue/{key}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"})
    expect(answer.is_success, answer)


def _link(jira: httpx.Client, key: str, other: str) -> None:
    body = {"type": {"name": "Relates"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    answer = jira.post("/issueLink", json=body)
    expect(answer.is_success, answer)


def secrets_of(planted: Planted) -> Iterator[str]:
    """Every text that must not come to the viewer: markers, keys and the hidden project's name."""
    yield from planted.words.values()
    yield from planted.hidden_keys
    yield "Closed Laboratory"
