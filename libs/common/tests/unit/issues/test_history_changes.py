from common.issues.history_changes import named_keys, shown_changes

LINK = {"field": "Link", "to": "S-1", "to_text": "This issue blocks S-1"}
STATUS = {"field": "status", "from_text": "ABC-1", "to_text": "Done"}


def test_changes_that_name_hidden_issues_are_left_out() -> None:
    assert named_keys([[LINK, STATUS]]) == {"S-1"}
    assert shown_changes([LINK, STATUS], set()) == [STATUS]
    assert shown_changes([LINK, STATUS], {"S-1"}) == [LINK, STATUS]


def test_deleted_comments_are_never_shown() -> None:
    assert shown_changes([{"field": "Comment", "from_text": "for few"}], set()) == []
