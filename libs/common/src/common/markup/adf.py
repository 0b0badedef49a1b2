"""An Atlassian document (decoded JSON of any shape) comes in, the neutral tree goes out; never an exception."""

from collections.abc import Callable

from common.markup.adf_inlines import INLINE_KINDS, card_of, clip, image_of, inlines_of
from common.markup.adf_tables import rows_of
from common.markup.adf_values import Budget, Node, attrs_of, children, integer, kind_of, string, texts_below
from common.markup.limits import MAX_CHARS, MAX_DEPTH
from common.markup.safety import safe_color
from common.markup.tree import (
    Block,
    CodeBlock,
    Column,
    Document,
    Expand,
    Extension,
    Figure,
    Heading,
    Layout,
    ListBlock,
    ListItem,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Table,
    Text,
)

_PANELS = frozenset({"info", "note", "tip", "warning", "error", "success", "custom"})
_ALIGN = {"center": "center", "end": "right"}
_LISTS = {"bulletList": "bullet", "orderedList": "ordered", "taskList": "task", "decisionList": "decision"}
_ITEMS = frozenset({"listItem", "taskItem", "blockTaskItem", "decisionItem"})


def parse_adf(raw: object) -> Document:
    budget = Budget(MAX_CHARS)
    if isinstance(raw, str):
        return Document((Paragraph((Text(budget.take_text(raw)),)),), budget.exceeded) if raw.strip() else Document()
    nodes = [raw] if isinstance(raw, dict) else raw if isinstance(raw, list) else []
    if isinstance(raw, dict) and kind_of(raw) in {"doc", ""}:
        nodes = children(raw)
    blocks = _blocks([node for node in nodes if isinstance(node, dict)], budget, 0)
    return Document(blocks, budget.exceeded)


def _blocks(nodes: list[Node], budget: Budget, depth: int) -> tuple[Block, ...]:
    if depth > MAX_DEPTH:
        text = " ".join(texts_below(nodes, budget))
        return (Paragraph((Text(text),)),) if text else ()
    found: list[Block] = []
    loose: list[Node] = []
    for node in nodes:
        if kind_of(node) in INLINE_KINDS:
            loose.append(node)
            continue
        if not budget.take_node():
            break
        if loose:
            found.append(Paragraph(inlines_of(loose, budget)))
            loose = []
        found.append(_BLOCKS.get(kind_of(node), _extension)(node, budget, depth))
    if loose:
        found.append(Paragraph(inlines_of(loose, budget)))
    return tuple(found)


def _paragraph(node: Node, budget: Budget, _: int) -> Block:
    align, indent = None, 0
    marks = node.get("marks")
    for mark in marks[:8] if isinstance(marks, list) else ():
        if isinstance(mark, dict) and kind_of(mark) == "alignment":
            align = _ALIGN.get(string(attrs_of(mark).get("align")))
        elif isinstance(mark, dict) and kind_of(mark) == "indentation":
            indent = integer(attrs_of(mark).get("level"), 0, 0, 6)
    return Paragraph(inlines_of(children(node), budget), align, indent)


def _heading(node: Node, budget: Budget, _: int) -> Block:
    return Heading(integer(attrs_of(node).get("level"), 1, 1, 6), inlines_of(children(node), budget))


def _list(node: Node, budget: Budget, depth: int) -> Block:
    items: list[ListItem] = []
    for child in children(node):
        if not budget.take_node():
            break
        items.append(_item(child, budget, depth))
    start = integer(attrs_of(node).get("order"), 1, 0, 1_000_000)
    return ListBlock(_LISTS[kind_of(node)], tuple(items), start)


def _item(node: Node, budget: Budget, depth: int) -> ListItem:
    kind = kind_of(node)
    # A task list may stand directly inside another one; it is an entry of its own there.
    blocks = _blocks(children(node) if kind in _ITEMS else [node], budget, depth + 1)
    if kind in {"taskItem", "blockTaskItem"}:
        return ListItem(blocks, attrs_of(node).get("state") == "DONE")
    if kind == "decisionItem":
        return ListItem(blocks, attrs_of(node).get("state") != "UNDECIDED")
    return ListItem(blocks)


def _code(node: Node, budget: Budget, _: int) -> Block:
    return CodeBlock("".join(texts_below(children(node), budget)), clip(string(attrs_of(node).get("language"))))


def _panel(node: Node, budget: Budget, depth: int) -> Block:
    attrs = attrs_of(node)
    kind = string(attrs.get("panelType"))
    color = safe_color(attrs.get("panelColor")) if kind == "custom" else None
    blocks = _blocks(children(node), budget, depth + 1)
    icon = string(attrs.get("panelIconText"), 16) if kind == "custom" else ""
    return Panel(kind if kind in _PANELS else "info", blocks, title=icon, background=color)


def _table(node: Node, budget: Budget, depth: int) -> Block:
    rows = rows_of(node, budget, lambda nodes: _blocks(nodes, budget, depth + 1))
    return Table(rows, attrs_of(node).get("isNumberColumnEnabled") is True)


def _figure(node: Node, budget: Budget, _: int) -> Block:
    attrs = attrs_of(node)
    nodes = [node] if kind_of(node) == "media" else children(node)
    images = tuple(image_of(child) for child in nodes if kind_of(child) != "caption" and budget.take_node())
    captions = [child for child in nodes if kind_of(child) == "caption"]
    caption = inlines_of(children(captions[0]), budget) if captions else ()
    width = integer(attrs.get("width"), 0, 0, 100) if attrs.get("widthType") != "pixel" else 0
    side = {"align-end": "right", "wrap-right": "right", "center": "center"}.get(string(attrs.get("layout")))
    return Figure(images, caption, side, width or None)


def _expand(node: Node, budget: Budget, depth: int) -> Block:
    return Expand(string(attrs_of(node).get("title")), _blocks(children(node), budget, depth + 1))


def _layout(node: Node, budget: Budget, depth: int) -> Block:
    columns: list[Column] = []
    for child in children(node):
        if not budget.take_node():
            break
        width = integer(attrs_of(child).get("width"), 0, 0, 100)
        inner = children(child) if kind_of(child) == "layoutColumn" else [child]
        columns.append(Column(width or None, _blocks(inner, budget, depth + 1)))
    return Layout(tuple(columns))


def _extension(node: Node, budget: Budget, depth: int) -> Block:
    attrs = attrs_of(node)
    name = string(attrs.get("extensionKey")) or kind_of(node) or "unknown"
    text = string(attrs.get("text")) or string(node.get("text")) or string(attrs.get("url"))
    return Extension(clip(name), text, _blocks(children(node), budget, depth + 1))


_BLOCKS: dict[str, Callable[[Node, Budget, int], Block]] = {
    "paragraph": _paragraph,
    "caption": _paragraph,
    "heading": _heading,
    **dict.fromkeys(_LISTS, _list),
    "codeBlock": _code,
    "panel": _panel,
    "blockquote": lambda node, budget, depth: Quote(_blocks(children(node), budget, depth + 1)),
    "rule": lambda *_: Rule(),
    "table": _table,
    **dict.fromkeys(("mediaSingle", "mediaGroup", "media"), _figure),
    "expand": _expand,
    "nestedExpand": _expand,
    "layoutSection": _layout,
    "blockCard": lambda node, *_: Paragraph((card_of(node),)),
    "embedCard": lambda node, *_: Paragraph((card_of(node),)),
}
