from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.ordering import InOrder, Late, Reorder


def positions(released):
    return [one.position for one in released]


def test_what_comes_in_order_goes_out_at_once():
    line = Reorder(patience=2)
    assert [positions(line.add(n, n, 0)) for n in (5, 6, 7)] == [[5], [6], [7]]


def test_what_comes_early_waits_for_the_gap():
    line = Reorder(patience=2)
    line.start_after(10)
    assert line.add(12, "b", 0) == []
    assert line.held_back == 1
    assert positions(line.add(11, "a", 0.1)) == [11, 12]
    assert line.overdue(99) == []


def test_a_repeated_position_changes_nothing():
    line = Reorder(patience=2)
    line.start_after(0)
    line.add(1, "a", 0)
    assert line.add(1, "again", 0) == []
    line.add(3, "c", 0)
    assert line.add(3, "again", 0) == []
    assert line.add(2, "b", 0) == [InOrder(2, "b"), InOrder(3, "c")]


def test_a_gap_is_not_waited_for_longer_than_patience():
    line = Reorder(patience=2)
    line.start_after(0)
    line.add(2, "b", 10)
    assert line.overdue(11.9) == []
    assert positions(line.overdue(12)) == [2]


def test_each_gap_has_its_own_patience():
    line = Reorder(patience=2)
    line.start_after(0)
    line.add(2, "b", 10)
    line.add(4, "d", 11)
    assert positions(line.overdue(12)) == [2]
    assert line.overdue(13) == []
    assert positions(line.overdue(14)) == [4]


def test_a_late_one_is_told_once_and_as_late():
    line = Reorder(patience=2)
    line.start_after(0)
    line.add(2, "b", 0)
    line.overdue(2)
    assert line.add(1, "a", 3) == [Late(1, "a")]
    assert line.add(1, "a", 3) == []


def test_what_never_comes_is_told_as_lost_once():
    line = Reorder(patience=2, forget_after=30)
    line.start_after(0)
    line.add(3, "c", 0)
    line.overdue(2)
    assert line.lost_up_to(31) is None
    assert line.lost_up_to(32) == 2
    assert line.lost_up_to(99) is None
    assert line.add(1, "a", 100) == []


def test_what_came_late_is_not_lost():
    line = Reorder(patience=2, forget_after=30)
    line.start_after(0)
    line.add(2, "b", 0)
    line.overdue(2)
    line.add(1, "a", 3)
    assert line.lost_up_to(99) is None


def test_holes_known_at_the_start_may_still_be_filled():
    line = Reorder(patience=2)
    line.start_after(10, missing=[8], now=0)
    assert line.add(8, "x", 1) == [Late(8, "x")]
    assert line.add(9, "y", 1) == []


def test_too_many_waiting_give_the_gap_up():
    line = Reorder(patience=2, max_waiting=3)
    line.start_after(0)
    released = [one for n in (2, 3, 4, 5) for one in line.add(n, n, 0)]
    assert positions(released) == [2, 3, 4, 5]


def test_a_jump_beyond_reason_is_lost_at_once():
    line = Reorder(patience=2, max_waiting=100)
    line.start_after(0)
    line.add(5_000, "far", 0)
    assert positions(line.overdue(2)) == [5_000]
    assert line.lost_up_to(2) == 4_999


@given(st.permutations(list(range(1, 30))), st.lists(st.integers(1, 29), max_size=10))
def test_any_arrival_leaves_in_order_and_once(arrival, repeated):
    line = Reorder(patience=2)
    line.start_after(0)
    out = [one.position for n in [*arrival, *repeated] for one in line.add(n, n, 0)]
    assert out == list(range(1, 30))


@given(st.permutations(list(range(1, 20))), st.sets(st.integers(1, 19), max_size=8))
def test_with_impatience_nothing_is_lost_or_doubled_and_only_late_ones_step_back(arrival, impatient):
    line = Reorder(patience=1)
    line.start_after(0)
    released = []
    for now, n in enumerate(arrival):
        released += line.add(n, n, now * 10)
        if n in impatient:
            released += line.overdue(now * 10 + 5)
    released += line.overdue(10_000) + line.overdue(20_000)
    while line.held_back:
        released += line.overdue(10**9)
    assert sorted(positions(released)) == list(range(1, 20))
    in_order = [one.position for one in released if isinstance(one, InOrder)]
    assert in_order == sorted(in_order)
