"""The neutral tree comes in, plain text goes out, one block a line: for search, snippets and APIs."""

from collections.abc import Callable, Iterator
from typing import Any

from common.markup.html import TRUNCATED
from common.markup.resolver import Resolver
from common.markup.tree import (
    AttachmentRef,
    Block,
    CodeBlock,
    DateStamp,
    Document,
    Emoji,
    Expand,
    Extension,
    Figure,
    Heading,
    Image,
    Inline,
    InlineExtension,
    IssueRef,
    Layout,
    LineBreak,
    ListBlock,
    Mention,
    Panel,
    Paragraph,
    Quote,
    Status,
    Table,
    Text,
)


def render_text(doc: Document, resolver: Resolver | None = None) -> str:
    lines = list(_Lines(resolver or Resolver()).blocks(doc.blocks))
    if doc.truncated:
        lines.append(TRUNCATED)
    return "\n".join(lines).strip()


class _Lines:
    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def blocks(self, blocks: tuple[Block, ...]) -> Iterator[str]:
        for block in blocks:
            yield from _BLOCKS.get(type(block), _nothing)(self, block)

    def line(self, nodes: tuple[Inline, ...]) -> str:
        return "".join(_INLINES.get(type(node), _empty)(node, self.resolver) for node in nodes)

    def paragraph(self, block: Paragraph | Heading) -> Iterator[str]:
        yield self.line(block.inlines)

    def list_block(self, block: ListBlock) -> Iterator[str]:
        for number, item in enumerate(block.items, block.start):
            sign = f"{number}. " if block.kind == "ordered" else "- "
            if block.kind == "task":
                sign = "[x] " if item.done else "[ ] "
            for index, line in enumerate(self.blocks(item.blocks)):
                yield ("  " if index else sign) + line

    def code(self, block: CodeBlock) -> Iterator[str]:
        yield from filter(None, (block.title, block.text))

    def panel(self, block: Panel | Expand) -> Iterator[str]:
        yield from filter(None, (block.title,))
        yield from self.blocks(block.blocks)

    def quote(self, block: Quote) -> Iterator[str]:
        yield from self.blocks(block.blocks)

    def table(self, block: Table) -> Iterator[str]:
        for row in block.rows:
            yield " | ".join(" ".join(self.blocks(cell.blocks)) for cell in row.cells)

    def figure(self, block: Figure) -> Iterator[str]:
        yield " ".join(self.line((image,)) for image in block.images)
        yield from filter(None, (self.line(block.caption),))

    def layout(self, block: Layout) -> Iterator[str]:
        for column in block.columns:
            yield from self.blocks(column.blocks)

    def extension(self, block: Extension) -> Iterator[str]:
        yield block.text or f"[{block.name}]"
        yield from self.blocks(block.blocks)


def _mention(node: Mention, resolver: Resolver) -> str:
    return "@" + (resolver.mention(node.id) or node.text.removeprefix("@") or node.id)


def _nothing(_: _Lines, __: Any) -> Iterator[str]:
    return iter(())


def _empty(_: Inline, __: Resolver) -> str:
    return ""


_BLOCKS: dict[type, Callable[[_Lines, Any], Iterator[str]]] = {
    Paragraph: _Lines.paragraph,
    Heading: _Lines.paragraph,
    ListBlock: _Lines.list_block,
    CodeBlock: _Lines.code,
    Panel: _Lines.panel,
    Expand: _Lines.panel,
    Quote: _Lines.quote,
    Table: _Lines.table,
    Figure: _Lines.figure,
    Layout: _Lines.layout,
    Extension: _Lines.extension,
}

_INLINES: dict[type, Callable[[Any, Resolver], str]] = {
    Text: lambda node, _: node.text,
    LineBreak: lambda *_: "\n",
    Mention: _mention,
    Emoji: lambda node, _: node.text,
    DateStamp: lambda node, resolver: resolver.day(node.day),
    Status: lambda node, _: node.text,
    IssueRef: lambda node, _: node.key,
    AttachmentRef: lambda node, _: node.text or node.name,
    Image: lambda node, _: node.alt or (node.names[0] if node.names else ""),
    InlineExtension: lambda node, _: node.text or f"[{node.name}]",
}
