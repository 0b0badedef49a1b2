"""Blocks in, an Atlassian document (ADF, version 1) out."""

import uuid
from typing import Any

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


def to_adf(blocks: Blocks) -> Node:
    return {"type": "doc", "version": 1, "content": [_block(block) for block in blocks]}


def media_id(name: str) -> str:
    """Media services give a file an id of its own that says nothing about the attachment; the name is in `alt`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "media:" + name))


def _inline(piece: Inline) -> Node:
    if isinstance(piece, LineBreak):
        return {"type": "hardBreak"}
    if isinstance(piece, Mention):
        return {"type": "mention", "attrs": {"id": piece.user, "text": "@" + piece.text, "accessLevel": ""}}
    node: Node = {"type": "text", "text": piece.text}
    marks: list[Node] = []
    if piece.href is not None:
        marks.append({"type": "link", "attrs": {"href": piece.href}})
    if piece.mark:
        marks.append({"type": piece.mark})
    if marks:
        node["marks"] = marks
    return node


def _inlines(content: Inlines) -> list[Node]:
    return [_inline(piece) for piece in content if not (isinstance(piece, Run) and not piece.text)]


def _paragraph(content: Inlines) -> Node:
    return {"type": "paragraph", "content": _inlines(content)}


def _cells(kind: str, cells: tuple[Inlines, ...]) -> Node:
    return {
        "type": "tableRow",
        "content": [{"type": kind, "attrs": {}, "content": [_paragraph(cell)]} for cell in cells],
    }


def _code(block: Code) -> Node:
    node: Node = {"type": "codeBlock", "attrs": {"language": block.language} if block.language else {}}
    node["content"] = [{"type": "text", "text": block.text}] if block.text else []
    return node


def _list(block: Items) -> Node:
    kind = "orderedList" if block.ordered else "bulletList"
    return {
        "type": kind,
        "content": [{"type": "listItem", "content": [_paragraph(item)]} for item in block.items],
    }


def _table(block: Table) -> Node:
    rows = [_cells("tableHeader", block.header)] if block.header else []
    rows += [_cells("tableCell", row) for row in block.rows]
    return {"type": "table", "attrs": {"isNumberColumnEnabled": False, "layout": "default"}, "content": rows}


def _image(block: Image) -> Node:
    media = {"type": "file", "id": media_id(block.name), "collection": "", "alt": block.name}
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [{"type": "media", "attrs": media}]}


def _framed(block: Panel | Quote) -> Node:
    content = [_paragraph(line) for line in block.paragraphs]
    if isinstance(block, Quote):
        return {"type": "blockquote", "content": content}
    return {"type": "panel", "attrs": {"panelType": block.kind}, "content": content}


def _block(block: Block) -> Node:
    if isinstance(block, Heading):
        return {"type": "heading", "attrs": {"level": block.level}, "content": _inlines(block.content)}
    if isinstance(block, Paragraph):
        return _paragraph(block.content)
    if isinstance(block, Items):
        return _list(block)
    if isinstance(block, Code):
        return _code(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Image):
        return _image(block)
    if isinstance(block, Rule):
        return {"type": "rule"}
    return _framed(block)
