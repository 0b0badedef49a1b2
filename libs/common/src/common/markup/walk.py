"""A document comes in, every inline node in reading order goes out: which pictures, people and issues it names."""

from collections.abc import Iterator

from common.markup.tree import Block, Document, Figure, Heading, Inline, Layout, ListBlock, Paragraph, Table


def walk(doc: Document) -> Iterator[Inline]:
    stack: list[Block] = list(doc.blocks[::-1])
    while stack:
        block = stack.pop()
        if isinstance(block, Paragraph | Heading):
            yield from block.inlines
        elif isinstance(block, Figure):
            yield from block.images
            yield from block.caption
        stack.extend(_inside(block)[::-1])


def _inside(block: Block) -> list[Block]:
    if isinstance(block, ListBlock):
        return [inner for item in block.items for inner in item.blocks]
    if isinstance(block, Table):
        return [inner for row in block.rows for cell in row.cells for inner in cell.blocks]
    if isinstance(block, Layout):
        return [inner for column in block.columns for inner in column.blocks]
    return list(getattr(block, "blocks", ()))
