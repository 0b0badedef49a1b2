"""Pages of a Data Center search come in, the windows of `created` that are still to be read come out.

Paging walks on `created`, which never changes, and starts every page at offset 0: nothing is skipped when rows shift.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Window:
    """Issues created in [start, end), epoch milliseconds; `offset` only counts inside a single millisecond.

    `again` of the first ones were on the page before, because they share the millisecond that this one starts with.
    """

    start: int
    end: int
    offset: int = 0
    again: int = 0

    @property
    def is_empty(self) -> bool:
        return self.start >= self.end


@dataclass(frozen=True)
class WindowPage:
    """What one search of a window answered: times of creation in order, and how many there are in all."""

    created: Sequence[int]
    total: int


def rest_of(window: Window, page: WindowPage) -> Window | None:
    """What of the window is not read yet, None when the page was the last.

    The next page starts at the last time of creation again, because others may share it; a page that holds
    one single millisecond goes on by offset.
    """
    read = window.offset + len(page.created)
    if not page.created or read >= page.total:
        return None
    first, last = page.created[0], page.created[-1]
    if first == last == window.start:
        return replace(window, offset=read, again=0)
    return Window(last, window.end, again=sum(1 for at in page.created if at == last))


def split(window: Window, parts: int) -> list[Window]:
    """The window in equal spans, so that several are read at once."""
    span = window.end - window.start
    if span < parts:
        return [window]
    edges = [window.start + span * number // parts for number in range(parts)] + [window.end]
    return [Window(start, end) for start, end in itertools.pairwise(edges)]
