from typing import Any

import orjson
from jira_answers import ANN, BOB, LISTS, SITE, cloud_issue

from jira_sync.domain.changes import CollectionDiff, collection_diff, field_changes
from jira_sync.domain.facts import IssueNews, facts_of
from jira_sync.domain.list_mapping import catalogue_rows, project_key_rows, site_lists
from jira_sync.domain.mapping import snapshot_of


def shown(**changed: Any) -> dict[str, Any]:
    row = snapshot_of(cloud_issue(**changed), SITE, LISTS).row
    return orjson.loads(row["card"]) | orjson.loads(row["detail"])


def test_changed_fields_are_named_with_short_values():
    before, after = shown(), shown(summary="x" * 500, status={"id": "5", "name": "Done"}, labels=["Ops"], assignee=BOB)
    changes = {change.field: change for change in field_changes(before, after)}
    assert set(changes) == {"summary", "status", "labels", "assignee"}
    assert len(changes["summary"].after) == 200
    assert (changes["status"].before, changes["status"].after) == ("In Progress", "Done")
    assert (changes["assignee"].before, changes["assignee"].after) == (ANN["displayName"], BOB["displayName"])


def test_long_texts_and_levels_are_named_without_their_values():
    changes = field_changes(shown(), shown(description="secret words", security=None))
    assert {(change.field, change.quoted) for change in changes} == {
        ("description", False),
        ("security_level", False),
    }
    assert all(change.before is None and change.after is None for change in changes)


def test_custom_fields_are_named_by_id():
    (change,) = field_changes(shown(), shown(customfield_10030={"id": "301", "value": "Minor"}))
    assert (change.field, change.before, change.after) == ("customfield_10030", "Critical", "Minor")


def test_nothing_changed_is_nothing_told():
    assert field_changes(shown(), shown()) == []


def test_collections_tell_what_is_new_changed_and_gone():
    old = {1: {"jira_id": 1, "body": "a", "extra": 1}, 2: {"jira_id": 2, "body": "b"}}
    new = {1: {"jira_id": 1, "body": "A"}, 3: {"jira_id": 3, "body": "c"}}
    diff = collection_diff(old, new)
    assert [[row["jira_id"] for row in rows] for rows in (diff.added, diff.changed, diff.gone)] == [[3], [1], [2]]


def news(visibility: str | None) -> IssueNews:
    snapshot = snapshot_of(cloud_issue(), SITE, LISTS)
    assert snapshot.comments is not None
    comment = {**snapshot.comments[0], "visibility": visibility}
    diffs = {"comments": CollectionDiff(added=(comment,))}
    return IssueNews(SITE, snapshot.row, 2, snapshot.row, [], diffs)


def test_a_restricted_comment_says_whom_it_is_for_and_the_issue_keeps_silent_about_it():
    changed, created = facts_of(news("role:Administrators"), with_children=True)
    assert changed.event.model_dump()["fields"] == []
    assert changed.event.model_dump()["actor"] is None
    assert created.event.model_dump()["access"] == {"level": "10020", "visibility": "role:Administrators"}
    open_changed, _ = facts_of(news(None), with_children=True)
    assert open_changed.event.model_dump()["fields"] == ["comments"]
    assert open_changed.event.model_dump()["actor"]["name"] == ANN["displayName"]


def test_a_backfill_tells_of_issues_only():
    assert [fact.kind for fact in facts_of(news(None), with_children=False)] == ["issue"]


def test_lists_give_mapping_what_it_needs():
    rows = catalogue_rows(
        {
            "field": [
                {
                    "id": "customfield_1",
                    "name": "Sprint",
                    "schema": {"type": "array", "items": "json", "custom": "a:gh-sprint"},
                }
            ],
            "priority": [{"id": "9", "name": "Top"}, {"id": "8", "name": "Low"}],
        }
    )
    lists = site_lists(rows)
    assert lists.fields["customfield_1"].plugin == "gh-sprint"
    assert lists.priority_ranks == {"9": 1, "8": 2}


def test_present_keys_of_projects_beat_former_ones():
    projects = [
        {"id": "1", "key": "NEW", "projectKeys": ["OLD", "NEW"]},
        {"id": "2", "key": "OLD", "projectKeys": ["OLD"]},
    ]
    assert [(row["key"], row["project_id"]) for row in project_key_rows(projects)] == [("NEW", 1), ("OLD", 2)]
