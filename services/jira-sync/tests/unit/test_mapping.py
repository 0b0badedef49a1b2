import zlib
from datetime import UTC, date, datetime

import orjson
import pytest
from jira_answers import ANN, DOC, LISTS, SITE, cloud_issue, datacenter_issue

from jira_sync.domain.child_mapping import INTERNAL_NOTE, comment_rows
from jira_sync.domain.documents import search_texts
from jira_sync.domain.mapping import snapshot_of
from jira_sync.domain.times import parse_date, parse_time


def test_cloud_issue_becomes_rows():
    snapshot = snapshot_of(cloud_issue(), SITE, LISTS)
    row = snapshot.row
    assert (row["jira_id"], row["key"], row["number"], row["project_id"]) == (10001, "WEB-7", 7, 10000)
    assert (row["status_fold"], row["status_category"]) == ("in progress", "in_progress")
    assert (row["priority_rank"], row["type_name"]) == (3, "Bug")
    assert row["created"] == datetime(2026, 11, 1, 18, 0, 0, 123000, tzinfo=UTC)
    assert row["updated"] == datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
    assert row["due_date"] == date(2026, 12, 1)
    assert row["security_level_id"] == "10020"
    assert row["parent_jira_id"] == 10000
    card, detail = orjson.loads(row["card"]), orjson.loads(row["detail"])
    assert card["sprint"] == {"name": "Sprint 2", "state": "active"}
    assert card["url"] == "https://jira.example.com/browse/WEB-7"
    assert card["updated"] == "2026-11-02T07:00:00.000Z"
    assert detail["description"] == {"format": "adf", "raw": DOC}
    assert [field["id"] for field in detail["custom_fields"]] == ["customfield_10020", "customfield_10030"]
    assert detail["custom_fields"][1]["display"] == "Critical"


def test_datacenter_people_are_known_by_key_and_sprints_by_their_text():
    snapshot = snapshot_of(datacenter_issue(), SITE, LISTS)
    assert snapshot.row["assignee_id"] == "JIRAUSER10100"
    assert snapshot.people["JIRAUSER10100"]["name"] == "bob"
    card, detail = orjson.loads(snapshot.row["card"]), orjson.loads(snapshot.row["detail"])
    assert card["sprint"] == {"name": "Sprint 4, the last", "state": "future"}
    assert detail["description"]["format"] == "wiki"
    assert snapshot.comments is not None
    assert snapshot.comments[0]["body_format"] == "wiki"


def test_values_to_filter_by_come_once_per_folded_value():
    values = snapshot_of(cloud_issue(), SITE, LISTS).values
    found = sorted((row["field"], row["value_fold"]) for row in values)
    assert found == [
        ("component", "api"),
        ("customfield_10030", "critical"),
        ("fix_version", "2.0"),
        ("label", "ops"),
        ("label", "почта"),
        ("sprint", "sprint 1"),
        ("sprint", "sprint 2"),
    ]


def test_former_keys_come_from_the_history():
    assert snapshot_of(cloud_issue(), SITE, LISTS).old_keys == frozenset({"OLD-3"})


def test_visibility_is_kept_and_makes_a_document_of_its_own():
    snapshot = snapshot_of(cloud_issue(), SITE, LISTS)
    assert snapshot.comments is not None
    assert [row["visibility"] for row in snapshot.comments] == [None, "role:Administrators"]
    texts = {text.visibility: text for text in search_texts(snapshot.row, snapshot.comments)}
    assert set(texts) == {"", "role:Administrators"}
    assert "crashes" in texts[""].description
    assert texts[""].comments.count("Server crashes") == 1
    assert texts["role:Administrators"].comments.count("Server crashes") == 2


def test_internal_notes_of_a_service_desk_are_restricted():
    rows = comment_rows([{"id": "1", "body": "x", "created": "2026-11-01T12:00:00.000+0000", "jsdPublic": False}], SITE)
    assert rows is not None
    assert rows[0]["visibility"] == INTERNAL_NOTE


def test_content_hash_does_not_depend_on_the_order_of_lists():
    one = cloud_issue()
    other = cloud_issue()
    assert other.comments is not None
    other.comments.reverse()
    assert snapshot_of(one, SITE, LISTS).content_hash == snapshot_of(other, SITE, LISTS).content_hash
    changed = cloud_issue(summary="Another")
    assert snapshot_of(one, SITE, LISTS).content_hash != snapshot_of(changed, SITE, LISTS).content_hash


def test_rank_on_a_board_is_no_content():
    moved = cloud_issue(customfield_10019="0|i00000:")
    assert snapshot_of(moved, SITE, LISTS).content_hash == snapshot_of(cloud_issue(), SITE, LISTS).content_hash


@pytest.mark.parametrize("text", ["NUL \x00 inside", "lone \ud800 surrogate", "both \x00\udfff"])
def test_text_that_postgres_refuses_is_cleaned(text: str):
    snapshot = snapshot_of(cloud_issue(summary=text), SITE, LISTS)
    assert "\x00" not in snapshot.row["summary"]
    snapshot.row["summary"].encode()
    snapshot.row["card"].encode()
    assert b"\\u0000" not in zlib.decompress(snapshot.raw)


def test_raw_answer_is_kept_whole():
    kept = orjson.loads(zlib.decompress(snapshot_of(cloud_issue(), SITE, LISTS).raw))
    assert kept["issue"]["fields"]["summary"] == "Login fails"
    assert [entry["id"] for entry in kept["comments"]] == ["500", "501"]


def test_collection_that_could_not_be_read_stays_unknown():
    raw = cloud_issue()
    snapshot = snapshot_of(type(raw)(raw.issue, raw.observed_at, None, None, None), SITE, LISTS)
    assert snapshot.comments is None
    assert snapshot.worklogs is None
    assert snapshot.history is None


def test_an_issue_with_nearly_nothing_is_still_an_issue():
    fields = dict.fromkeys(("assignee", "reporter", "creator", "priority", "status", "description", "parent"))
    snapshot = snapshot_of(cloud_issue(**fields, labels=None, components=None, attachment=None), SITE, LISTS)
    assert snapshot.row["assignee_id"] is None
    assert snapshot.attachments == ()


def test_what_is_no_issue_is_refused():
    raw = cloud_issue()
    with pytest.raises(KeyError):
        snapshot_of(type(raw)({"id": "1"}, raw.observed_at, [], [], []), SITE, LISTS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-23T10:00:00.000-0800", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23T10:00:00.123+05:30", datetime(2026, 11, 23, 4, 30, 0, 123000, tzinfo=UTC)),
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (1732877091123, datetime(2024, 11, 29, 10, 44, 51, 123000, tzinfo=UTC)),
        ("51502-01-01T00:00:00.000+0000", None),
        ("yesterday", None),
        (None, None),
        (True, None),
        (10**18, None),
    ],
)
def test_times_are_utc_or_none(text: object, wanted: datetime | None):
    assert parse_time(text) == wanted


def test_dates_out_of_range_are_none():
    assert parse_date("51502-01-01") is None
    assert parse_date("2026-02-30") is None
    assert parse_date("2026-02-28") == date(2026, 2, 28)


def test_people_of_every_part_are_found():
    assert set(snapshot_of(cloud_issue(), SITE, LISTS).people) == {ANN["accountId"]}
