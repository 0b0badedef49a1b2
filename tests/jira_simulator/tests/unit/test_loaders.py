"""Sites from files: the fixture format, and real issues with what their export lacks."""

import gzip
import json
from pathlib import Path

import pytest

from jira_simulator.http.truth import truth_page
from jira_simulator.in_process import bench
from jira_simulator.load.fixture import load_fixture
from jira_simulator.load.real_issues import load_real_issues
from jira_simulator.model.records import Personality

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
PERSON = {"name": "ann", "key": "JIRAUSER1", "displayName": "Ann Example", "emailAddress": "ann@example.com"}
DONE = {"id": "6", "name": "Closed", "statusCategory": {"key": "done"}}
OPEN = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}


def real(number, fields):
    base = {
        "project": {"id": "10", "key": "REAL", "name": "Real things"},
        "issuetype": {"id": "1", "name": "Bug", "subtask": False},
        "summary": f"Real issue {number}",
        "created": "2020-01-01T00:00:00.000+0000",
        "updated": "2020-02-01T00:00:00.000+0000",
        "status": OPEN,
        "creator": PERSON,
        "reporter": PERSON,
        "labels": [],
    }
    return {"id": str(number), "key": f"REAL-{number}", "fields": base | fields}


@pytest.fixture
def export(tmp_path):
    other = {"id": "2", "key": "REAL-2"}
    kind = {"id": "7", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    comment = {
        "id": "55",
        "author": PERSON,
        "body": "It *works* now",
        "created": "2020-01-05T00:00:00.000+0000",
        "updated": "2020-01-05T00:00:00.000+0000",
    }
    rows = [
        real(
            1,
            {
                "status": DONE,
                "assignee": PERSON,
                "labels": ["old"],
                "resolution": {"id": "1", "name": "Fixed"},
                "resolutiondate": "2020-01-20T00:00:00.000+0000",
                "issuelinks": [{"id": "9", "type": kind, "outwardIssue": other}],
                "comment": {"comments": [comment]},
                "attachment": [{"id": "77", "filename": "a", "mimeType": "image/jpeg", "created": comment["created"]}],
            },
        ),
        real(2, {"issuelinks": [{"id": "9", "type": kind, "inwardIssue": {"id": "1", "key": "REAL-1"}}]}),
    ]
    path = tmp_path / "export.jsonl.gz"
    with gzip.open(path, "wt") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_a_missing_history_is_made_up_the_same_way_every_time(export, personality):
    site = load_real_issues(personality, "http://jira.test", export, 1)
    again = load_real_issues(personality, "http://jira.test", export, 1)
    issue = site.issues[1]
    fields = [item.field for change in issue.changes for item in change.items]
    assert fields[0] == "assignee"
    assert {"labels", "status", "resolution"} <= set(fields)
    assert issue.changes[-1].at <= issue.updated
    assert truth_page(site, None) == truth_page(again, None)


def test_a_link_named_at_both_ends_is_one_link(export, personality):
    site = load_real_issues(personality, "http://jira.test", export, 1)
    (there,), (back,) = site.issues[1].links, site.issues[2].links
    assert (there.id, there.outward, back.outward) == (back.id, True, False)


async def test_loaded_issues_are_served_in_both_text_forms(export):
    async with bench(Personality.CLOUD, issues_from=export) as made:
        v2 = (await made.jira.get("/rest/api/2/issue/REAL-1")).json()["fields"]
        assert v2["comment"]["comments"][0]["body"] == "It *works* now"
        v3 = (await made.jira.get("/rest/api/3/issue/REAL-1/comment")).json()
        assert v3["comments"][0]["body"]["content"][0]["content"][1]["marks"] == [{"type": "strong"}]
        assert v2["attachment"][0]["mimeType"] == "image/png"


def fixture_file(tmp_path):
    user = {"name": "ann", "displayName": "Ann", "email": "ann@example.com", "active": True}
    empty = dict.fromkeys(
        ["description", "environment", "resolution", "resolutiondate", "duedate", "parent", "securityLevel",
         "timeoriginalestimate", "timeestimate"]
    )  # fmt: skip
    lists = {name: [] for name in ("components", "affectedVersions", "comments", "links", "watchers", "voters")}
    issue = {
        "id": 50001,
        "key": "AL-1",
        "project": "AL",
        "summary": "From a fixture",
        "type": "Bug",
        "status": "Closed",
        "priority": "High",
        "assignee": "ann",
        "reporter": "ann",
        "creator": "ann",
        "created": "2024-01-01T00:00:00Z",
        "updated": "2024-01-03T00:00:00Z",
        "labels": ["x"],
        "fixVersions": ["1.0"],
        "sprints": [100],
        "worklogs": [{"author": "ann", "started": "2024-01-02T00:00:00Z", "seconds": 60}],
        "attachments": 1,
        "rank": "0|a",
        "customfields": {"cf[10030]": "Critical", "cf[10031]": ["Linux"]},
        "changelog": [{"at": "2024-01-02T00:00:00Z", "by": "ann", "field": "status", "from": "Open", "to": "Closed"}],
    }
    meta = {
        "users": [user],
        "projects": [{"id": 1, "key": "AL", "name": "Alpha", "lead": "ann", "category": None, "type": "software"}],
        "versions": [{"id": 20, "project": "AL", "name": "1.0", "released": True, "sequence": 1}],
        "components": [],
        "priorities_high_to_low": [{"id": 2, "name": "High"}],
        "statuses": [
            {"id": 1, "name": "Open", "category": "To Do"},
            {"id": 6, "name": "Closed", "category": "Done"},
        ],
        "statusCategories": [{"name": "To Do", "key": "new"}, {"name": "Done", "key": "done"}],
        "resolutions_in_order": [],
        "issuetypes": [{"id": 1, "name": "Bug", "level": 0}],
        "sprints": [{"id": 100, "name": "S1", "state": "closed"}],
        "linkTypes": [],
        "customFields": [
            {"id": 10030, "name": "Severity", "type": "select", "options": {"9": "Critical"}},
            {"id": 10031, "name": "Platforms", "type": "multiselect"},
        ],
    }
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps({"meta": meta, "issues": [issue | empty | lists]}))
    return path


async def test_a_fixture_is_served_with_its_own_lists(tmp_path, personality):
    async with bench(personality, fixture=fixture_file(tmp_path)) as made:
        assert await made.found("assignee = ann AND fixVersion = '1.0' AND status = Closed") == ["50001"]
        shape = (await made.jira.get("/rest/api/2/issue/AL-1?expand=changelog")).json()
        assert shape["fields"]["customfield_10030"]["value"] == "Critical"
        assert [option["value"] for option in shape["fields"]["customfield_10031"]] == ["Linux"]
        item = shape["changelog"]["histories"][0]["items"][0]
        assert (item["from"], item["to"], item["toString"]) == ("1", "6", "Closed")


if SHARED.exists():

    def test_the_shared_fixture_loads_whole(personality):
        path = SHARED / "jql" / "semantics.json"
        site = load_fixture(personality, "http://jira.test", path)
        expected = {issue["key"] for issue in json.loads(path.read_text())["issues"]}
        assert {issue.key for issue in site.issues.values()} == expected

    def test_the_real_issues_load_whole():
        path = SHARED / "jira" / "issues-11983.jsonl.gz"
        site = load_real_issues(Personality.DATACENTER, "http://jira.test", path, 1)
        assert len(site.issues) == 11_983
        assert {project.key for project in site.projects.values()} >= {"TIMOB", "ALOY", "MOD", "DAEMON"}
        assert sum(len(issue.changes) for issue in site.issues.values()) > 10_000
