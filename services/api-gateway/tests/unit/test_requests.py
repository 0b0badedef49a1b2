from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.domain.issue_request import IssueRequest, filter_for
from api_gateway.domain.moments import parse_day, parse_moment
from api_gateway.domain.sort_orders import parse_order
from common.issues.filtering import IssueFilter
from common.issues.ordering import DEFAULT_ORDER, SortKey


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+03:00", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T12:00:00 03:00", datetime(2026, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_moments_are_utc(text: str, expected: datetime) -> None:
    assert parse_moment(text) == expected


@given(st.text(max_size=40) | st.from_regex(r"\d{4,6}-\d\d-\d\d(T\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)?)?", fullmatch=True))
def test_no_text_is_more_than_an_error(text: str) -> None:
    for parse in (parse_moment, parse_day):
        with suppress(ValueError):
            assert parse(text) >= parse("0001-01-01")


def test_orders_are_names_with_a_sign() -> None:
    assert parse_order(None) == DEFAULT_ORDER
    assert parse_order("-updated, key") == (SortKey("updated", descending=True), SortKey("key"))
    for text in ("", "rank", "--key", "key,key", "key,-key", "id,key,updated,created,summary", "key;drop"):
        with pytest.raises(ValueError, match="sort"):
            parse_order(text)


def test_me_and_none_become_accounts() -> None:
    request = IssueRequest(assignees=("me", "none", "x"))
    assert filter_for(request, ("a", "b")).assignees == ("x", None, "a", "b")
    assert filter_for(IssueRequest(assignees=("me",)), ()).assignees == ("",)
    assert filter_for(IssueRequest(), ("a",)).assignees == ()


def test_a_question_changes_with_whatever_changes_the_rows() -> None:
    base = IssueRequest(where=IssueFilter(statuses=("Done",)), q="x")
    others = [
        replace(base, where=IssueFilter(statuses=("Open",))),
        replace(base, where=IssueFilter(types=("Done",))),
        replace(base, q="y"),
        replace(base, q=None),
        replace(base, assignees=("me",)),
        replace(base, order=(SortKey("key"),)),
        replace(base, where=IssueFilter(statuses=("Done",), created_after=datetime(2026, 1, 1, tzinfo=UTC))),
    ]
    questions = {base.question("a"), base.question("b"), *(other.question("a") for other in others)}
    assert len(questions) == len(others) + 2
    same = replace(base, limit=5, count=True, fields=("key",), cursor="c", highlight=True)
    assert same.question("a") == base.question("a")
