"""Phrase signs (*bold*, _italic_…) and nodes come in order, nodes with their marks go out, in linear time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from common.markup.tree import AttachmentRef, Inline, IssueRef, Marks, Mention, Text

FLAGS = {
    "*": "strong",
    "_": "em",
    "+": "underline",
    "-": "strike",
    "^": "sup",
    "~": "sub",
    "??": "cite",
}


@dataclass(frozen=True, slots=True)
class Delimiter:
    """A sign that may open or close a phrase; `literal` is what stands there when it does neither."""

    sign: str
    literal: str
    opens: bool
    closes: bool


def can_open(line: str, start: int, end: int, sign: str) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    return bool(after) and not after.isspace() and after != sign[0] and not _is_word(before) and before != sign[0]


def can_close(line: str, start: int, end: int, sign: str) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    return bool(before) and not before.isspace() and before != sign[0] and not _is_word(after) and after != sign[0]


def _is_word(char: str) -> bool:
    return char.isalnum()


class Phrases:
    """Nodes in order with the phrases that turned out to span them."""

    def __init__(self) -> None:
        self._items: list[Inline | Delimiter] = []
        self._open: dict[str, int] = {}
        self._spans: list[tuple[int, int, str]] = []

    def add(self, node: Inline) -> None:
        self._items.append(node)

    def delimit(self, delimiter: Delimiter) -> None:
        start = self._open.get(delimiter.sign) if delimiter.closes else None
        here = len(self._items)
        self._items.append(delimiter)
        if start is not None and start < here - 1:
            self._spans.append((start, here, FLAGS[delimiter.sign]))
            # Signs that opened inside the phrase and did not close there are plain characters.
            self._open = {sign: at for sign, at in self._open.items() if at < start}
        elif delimiter.opens:
            # The nearest opener wins: in `a *b *c*` only c is bold.
            self._open[delimiter.sign] = here

    def finish(self) -> tuple[Inline, ...]:
        begins: dict[int, list[str]] = {}
        ends: dict[int, list[str]] = {}
        for start, end, flag in self._spans:
            begins.setdefault(start, []).append(flag)
            ends.setdefault(end, []).append(flag)
        active: Counter[str] = Counter()
        found: list[Inline] = []
        for index, item in enumerate(self._items):
            if index in begins:
                active.update(begins[index])
            if index in ends:
                active.subtract(ends[index])
            if not isinstance(item, Delimiter):
                found.append(_marked(item, active))
            elif index not in begins and index not in ends:
                found.append(_marked(Text(item.literal), active))
        return tuple(_joined(found))


def _marked(node: Inline, active: Counter[str]) -> Inline:
    flags = {flag: True for flag, count in active.items() if count > 0}
    if flags and isinstance(node, Text | Mention | IssueRef | AttachmentRef):
        return replace(node, marks=_with(node.marks, flags))
    return node


def _with(marks: Marks, flags: dict[str, bool]) -> Marks:
    return replace(marks, **flags)  # type: ignore[arg-type]


def _joined(nodes: list[Inline]) -> Iterator[Inline]:
    """Neighbouring texts with the same marks become one node."""
    for marks, group in groupby(nodes, key=lambda node: node.marks if isinstance(node, Text) else None):
        if marks is None:
            yield from group
        else:
            yield Text("".join(node.text for node in group if isinstance(node, Text)), marks)
