"""Which issues were meant by ids and keys."""

from uuid import UUID

from export_worker.domain.selection import Candidate, select_issues

FIRST, SECOND = UUID(int=1), UUID(int=2)


def candidate(asked, issue, *, connection=1, is_alias=False):
    return Candidate(asked, UUID(int=issue), UUID(int=connection), issue, f"ABC-{issue}", is_alias)


def test_the_order_is_the_one_asked_for_and_each_issue_comes_once():
    found = [candidate("ABC-1", 1), candidate("iss_1", 1), candidate("ABC-2", 2)]
    selection = select_issues(["ABC-2", "iss_1", "ABC-1", "ABC-2"], found)
    assert [one.jira_id for one in selection.chosen] == [2, 1]


def test_missing_places_are_named():
    selection = select_issues(["X-1", "ABC-1", "X-1"], [candidate("ABC-1", 1)])
    assert selection.missing == (0, 2)


def test_a_key_in_use_wins_over_an_old_one():
    selection = select_issues(["ABC-1"], [candidate("ABC-1", 9, is_alias=True), candidate("ABC-1", 1)])
    assert [one.jira_id for one in selection.chosen] == [1]


def test_an_old_key_finds_its_issue():
    assert select_issues(["OLD-1"], [candidate("OLD-1", 9, is_alias=True)]).chosen[0].jira_id == 9


def test_a_key_of_two_issues_is_ambiguous():
    selection = select_issues(["ABC-1"], [candidate("ABC-1", 1), candidate("ABC-1", 2, connection=2)])
    assert [(place, len(candidates)) for place, candidates in selection.ambiguous] == [(0, 2)]


def test_one_issue_seen_through_two_connections_is_one_issue():
    selection = select_issues(["ABC-1"], [candidate("ABC-1", 1, connection=2), candidate("ABC-1", 1, connection=1)])
    assert [one.connection_id for one in selection.chosen] == [FIRST]
    assert not selection.ambiguous
