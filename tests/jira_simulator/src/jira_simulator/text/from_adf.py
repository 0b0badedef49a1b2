"""An Atlassian document in, blocks out; nodes without a block of their own become their text."""

from typing import Any, Literal, cast

from jira_simulator.text.blocks import (
    Block,
    Blocks,
    Code,
    Heading,
    Image,
    Inline,
    Inlines,
    Items,
    LineBreak,
    Mention,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
)

Node = dict[str, Any]
_MARKS = {"strong", "em", "code", "strike", "underline"}
_PANEL_KINDS = {"info", "note", "warning", "success", "error"}
_MAX_DEPTH = 40


def from_adf(document: Node) -> Blocks:
    blocks: list[Block] = []
    for node in _content(document):
        blocks.extend(_blocks(node))
    return tuple(blocks)


def _content(node: Node) -> list[Node]:
    content = node.get("content")
    return [child for child in content if isinstance(child, dict)] if isinstance(content, list) else []


def _attrs(node: Node) -> Node:
    attrs = node.get("attrs")
    return attrs if isinstance(attrs, dict) else {}


def _run(node: Node) -> Run:
    mark, href = "", None
    for given in node.get("marks") or []:
        if given.get("type") == "link":
            href = str(_attrs(given).get("href", ""))
        elif given.get("type") in _MARKS:
            mark = given["type"]
    return Run(str(node.get("text", "")), cast("Any", mark), href)


def _inlines(node: Node, depth: int = 0) -> Inlines:
    found: list[Inline] = []
    for child in _content(node):
        kind, attrs = child.get("type"), _attrs(child)
        if kind == "text":
            found.append(_run(child))
        elif kind == "hardBreak":
            found.append(LineBreak())
        elif kind == "mention":
            found.append(Mention(str(attrs.get("id", "")), str(attrs.get("text", "")).removeprefix("@")))
        elif kind in {"inlineCard", "blockCard"}:
            found.append(Run(str(attrs.get("url", "")), href=str(attrs.get("url", ""))))
        elif kind in {"emoji", "status", "date"}:
            found.append(Run(str(attrs.get("text") or attrs.get("shortName") or attrs.get("timestamp") or "")))
        elif depth < _MAX_DEPTH:
            found.extend(_inlines(child, depth + 1))
    return tuple(found)


def _media(node: Node) -> Image:
    attrs = next((_attrs(child) for child in _content(node)), {})
    return Image(str(attrs.get("alt") or attrs.get("url") or attrs.get("id") or "image"))


def _table(node: Node) -> Table:
    header: tuple[Inlines, ...] = ()
    rows: list[tuple[Inlines, ...]] = []
    for position, row in enumerate(_content(node)):
        cells = tuple(_inlines(cell) for cell in _content(row))
        if position == 0 and all(cell.get("type") == "tableHeader" for cell in _content(row)):
            header = cells
        else:
            rows.append(cells)
    return Table(header, tuple(rows))


def _framed(node: Node) -> Panel | Quote:
    paragraphs = tuple(_inlines(child) for child in _content(node))
    if node.get("type") == "blockquote":
        return Quote(paragraphs)
    kind = _attrs(node).get("panelType")
    known = cast("Literal['info', 'note', 'warning', 'success', 'error']", kind if kind in _PANEL_KINDS else "info")
    return Panel(known, paragraphs)


def _leaf(node: Node) -> Block | None:
    kind, attrs = node.get("type"), _attrs(node)
    if kind == "paragraph":
        return Paragraph(_inlines(node))
    if kind == "heading":
        return Heading(min(6, max(1, int(attrs.get("level", 1)))), _inlines(node))
    if kind in {"bulletList", "orderedList"}:
        return Items(kind == "orderedList", tuple(_inlines(item) for item in _content(node)))
    if kind == "codeBlock":
        text = "".join(str(child.get("text", "")) for child in _content(node))
        return Code(str(attrs.get("language") or ""), text)
    if kind in {"panel", "blockquote"}:
        return _framed(node)
    if kind == "table":
        return _table(node)
    if kind == "mediaSingle":
        return _media(node)
    return Rule() if kind == "rule" else None


def _blocks(node: Node, depth: int = 0) -> list[Block]:
    leaf = _leaf(node)
    if leaf is not None:
        return [leaf]
    inner: list[Block] = []
    for child in _content(node) if depth < _MAX_DEPTH else []:
        inner.extend(_blocks(child, depth + 1))
    if inner:
        return inner
    content = _inlines({"content": [node]})
    return [Paragraph(content)] if content else []
