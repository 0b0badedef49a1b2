"""The document model between wiki markup and ADF: blocks made of inline pieces."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    mark: Literal["", "strong", "em", "code", "strike", "underline"] = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    user: str
    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


Inline = Run | Mention | LineBreak
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    content: Inlines


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    content: Inlines


@dataclass(frozen=True, slots=True)
class Items:
    ordered: bool
    items: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Code:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    kind: Literal["info", "note", "warning", "success", "error"]
    paragraphs: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    paragraphs: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]


@dataclass(frozen=True, slots=True)
class Image:
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    pass


Block = Paragraph | Heading | Items | Code | Panel | Quote | Table | Image | Rule
Blocks = tuple[Block, ...]


def plain(text: str) -> Inlines:
    return (Run(text),)


def inline_text(content: Inlines) -> str:
    parts = []
    for piece in content:
        if isinstance(piece, LineBreak):
            parts.append("\n")
        else:
            parts.append(piece.text)
    return "".join(parts)


def block_text(block: Block) -> str:
    """The words of a block without any markup, as full-text search reads them."""
    if isinstance(block, Paragraph | Heading):
        return inline_text(block.content)
    if isinstance(block, Items):
        return "\n".join(inline_text(item) for item in block.items)
    if isinstance(block, Code):
        return block.text
    if isinstance(block, Panel | Quote):
        return "\n".join(inline_text(line) for line in block.paragraphs)
    if isinstance(block, Table):
        return "\n".join(" ".join(inline_text(cell) for cell in row) for row in (block.header, *block.rows))
    return block.name if isinstance(block, Image) else ""
