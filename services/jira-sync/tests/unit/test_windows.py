"""Walking on `created` reads every issue once or more, whatever shares a millisecond and whatever is deleted."""

from bisect import bisect_left
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jira_sync.domain.windows import Window, WindowPage, rest_of, split


def search(created: list[int], window: Window, size: int) -> list[int]:
    inside = created[bisect_left(created, window.start) : bisect_left(created, window.end)]
    return inside[window.offset : window.offset + size]


def total(created: list[int], window: Window) -> int:
    return bisect_left(created, window.end) - bisect_left(created, window.start)


def walk(created: list[int], windows: list[Window], size: int) -> tuple[set[int], int]:
    seen, calls, new = set(), 0, 0
    waiting = list(windows)
    while waiting:
        window = waiting.pop()
        page = search(created, window, size)
        first = bisect_left(created, window.start) + window.offset
        seen |= set(range(first, first + len(page)))
        new += len(page) - window.again
        rest = rest_of(window, WindowPage(page, total(created, window)))
        waiting += [rest] if rest is not None else []
        calls += 1
        assert calls <= 4 * len(created) + 40, "the walk does not end"
    assert new == len(seen), "what is read twice is counted once"
    return seen, calls


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80), st.integers(1, 9), st.integers(1, 5))
def test_every_issue_is_read_and_the_walk_ends(times, size, parts):
    created = sorted(times)
    windows = split(Window(created[0], created[-1] + 1), parts)
    seen, _ = walk(created, windows, size)
    assert seen == set(range(len(created)))


def test_a_bulk_import_in_one_millisecond_goes_on_by_offset():
    created = [5] * 1000
    seen, calls = walk(created, [Window(5, 6)], 100)
    assert len(seen) == 1000
    assert calls == 10


def test_deep_offsets_are_never_used_for_ordinary_issues():
    created = list(range(0, 20_000, 2))
    window: Window | None = Window(0, 20_000)
    while window is not None:
        assert window.offset == 0
        window = rest_of(window, WindowPage(search(created, window, 100), total(created, window)))


def test_what_is_deleted_while_paging_hides_no_other():
    created = list(range(100))
    first = WindowPage(search(created, Window(0, 100), 10), 100)
    rest = rest_of(Window(0, 100), first)
    assert rest is not None
    without = created[3:]
    assert search(without, rest, 10)[0] == 9


def test_split_windows_touch_and_do_not_overlap():
    parts = split(Window(10, 107), 4)
    assert parts[0].start == 10
    assert parts[-1].end == 107
    assert all(one.end == other.start for one, other in pairwise(parts))
