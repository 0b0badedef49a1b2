from common.issues.history_changes import Nameable, named_keys, named_projects, shown_changes

LINK = {"field": "Link", "to": "S-1", "to_text": "This issue blocks S-1"}
STATUS = {"field": "status", "from_text": "ABC-1", "to_text": "Done"}


def test_changes_that_name_hidden_issues_are_left_out() -> None:
    assert named_keys([[LINK, STATUS]]) == {"S-1"}
    assert shown_changes([LINK, STATUS], Nameable()) == [STATUS]
    assert shown_changes([LINK, STATUS], Nameable(issues={"S-1"})) == [LINK, STATUS]


def test_deleted_comments_are_never_shown() -> None:
    assert shown_changes([{"field": "Comment", "from_text": "for few"}], Nameable(every_project=True)) == []


def test_levels_are_named_only_to_who_holds_them() -> None:
    raised = {"field": "security", "from": None, "to": "10001", "to_text": "Board"}
    assert shown_changes([raised], Nameable(levels={"10002"})) == []
    assert shown_changes([raised], Nameable(levels={"10001"})) == [raised]
    assert shown_changes([{"field": "Security Level", "to_text": "Board"}], Nameable(levels={"10001"})) == []


def test_projects_that_an_issue_came_from_are_named_only_to_who_sees_them() -> None:
    moved = {"field": "project", "from": "10", "from_text": "Hidden", "to": "11", "to_text": "Open"}
    renamed = {"field": "Key", "from_text": "HID-7", "to_text": "OPEN-3"}
    assert named_projects([[moved, renamed, STATUS]]) == {"10", "11", "HID", "OPEN"}
    assert shown_changes([moved, renamed, STATUS], Nameable(projects={"11", "OPEN"})) == [STATUS]
    assert shown_changes([moved, renamed], Nameable(projects={"10", "11", "HID", "OPEN"})) == [moved, renamed]
    assert shown_changes([moved, renamed], Nameable(every_project=True)) == [moved, renamed]
