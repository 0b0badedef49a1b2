"""The condition "after this position" against a plain sort, on rows that are compared in Python."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.issues.ordering import SORTABLE, InvalidPosition, SortKey, after, read_position, write_position

VALUES = {
    "updated": st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
    "created": st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
    "due_date": st.none() | st.dates(),
    "resolved_at": st.none() | st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
    "priority": st.none() | st.integers(1, 9),
    "summary": st.text(max_size=5),
}


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
def test_a_position_survives_being_written_and_read(name: str, data: st.DataObject) -> None:
    order = (SortKey(name),)
    row = {"k0": data.draw(VALUES[name]), "k1": UUID(int=5), "k2": UUID(int=6)}
    assert read_position(write_position(row, order), order) == tuple(row.values())


@pytest.mark.parametrize("values", [None, [], ["2026"], [1, 2, 3], ["x", "y", "z"], [None, str(UUID(int=1)), None], {}])
def test_a_foreign_position_is_refused(values: object) -> None:
    with pytest.raises(InvalidPosition):
        read_position(values, (SortKey("updated"),))


@pytest.mark.parametrize("name", sorted(SORTABLE))
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_ends_with_the_id(name: str, *, descending: bool) -> None:
    parts = len(SORTABLE[name]) + (0 if name == "id" else len(SORTABLE["id"]))
    condition = str(after((SortKey(name, descending=descending),), (False,) * parts))
    assert "issue_id" in condition
    assert "connection_id" in condition


def test_the_first_column_alone_bounds_an_index() -> None:
    condition = str(after((SortKey("updated", descending=True),), (False, False, False)))
    assert condition.startswith("jira.issues.updated <= :a0 AND")


def test_dates_and_times_keep_their_microseconds() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    order = (SortKey("updated"),)
    row = {"k0": at, "k1": UUID(int=1), "k2": UUID(int=2)}
    assert read_position(write_position(row, order), order)[0] - at == timedelta()
    due = {"k0": date(2026, 1, 2), "k1": UUID(int=1), "k2": UUID(int=2)}
    assert read_position(write_position(due, (SortKey("due_date"),)), (SortKey("due_date"),))[0] == date(2026, 1, 2)
