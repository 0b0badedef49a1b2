"""List lines with their signs (`*`, `#`, `-`, nested and mixed) come in, nested list blocks go out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from common.markup.tree import Block, ListBlock, ListItem

_ITEM = re.compile(r"[ \t]*([*#]+[*#-]*|-[*#-]*)[ \t]+(?=\S)")
_MAX_LEVELS = 12
_ORDERED = "#"


@dataclass(slots=True)
class Entry:
    """One item as it is read: its signs, and its lines joined when the list ends."""

    signs: str
    lines: list[str]


@dataclass(slots=True)
class _Node:
    sign: str
    items: list["_Item"] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    text: str
    lists: list[_Node] = field(default_factory=list)


def list_item(line: str, inside: bool) -> Entry | None:
    """Two or three dashes that open a list would be a dash of typography, so they only continue one."""
    match = _ITEM.match(line)
    if match is None or (not inside and len(match[1]) > 1 and not match[1].strip("-")):
        return None
    return Entry(match[1][:_MAX_LEVELS], [line[match.end() :]])


def build_lists(entries: list[Entry], flow: Callable[[str], tuple[Block, ...]]) -> list[Block]:
    roots: list[_Node] = []
    path: list[_Node] = []
    for entry in entries:
        path = _descend(roots, path, entry.signs)
        path[-1].items.append(_Item("\n".join(entry.lines)))
    return [_block(node, flow) for node in roots]


def _descend(roots: list[_Node], path: list[_Node], signs: str) -> list[_Node]:
    """The chain of open lists for these signs: levels that are already open stay open, the others begin anew."""
    depth = min(len(signs), len(path) + 1)
    kept = path[: depth - 1]
    if len(path) >= depth and path[depth - 1].sign == signs[-1]:
        return [*kept, path[depth - 1]]
    fresh = _Node(signs[-1])
    if not kept:
        roots.append(fresh)
    elif kept[-1].items:
        kept[-1].items[-1].lists.append(fresh)
    return [*kept, fresh]


def _block(node: _Node, flow: Callable[[str], tuple[Block, ...]]) -> Block:
    items = [ListItem((*flow(item.text), *(_block(inner, flow) for inner in item.lists))) for item in node.items]
    return ListBlock("ordered" if node.sign == _ORDERED else "bullet", tuple(items))
