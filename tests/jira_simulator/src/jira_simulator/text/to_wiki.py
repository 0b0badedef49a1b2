"""Blocks in, wiki markup as REST v2 answers it out."""

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
    Table,
)

_MARKS = {
    "strong": ("*", "*"),
    "em": ("_", "_"),
    "code": ("{{", "}}"),
    "strike": ("-", "-"),
    "underline": ("+", "+"),
}
_PANELS = {"info": "#deebff", "note": "#eae6ff", "warning": "#fffae6", "success": "#e3fcef", "error": "#ffebe6"}


def to_wiki(blocks: Blocks, *, cloud: bool) -> str:
    """Cloud writes a mention as `[~accountid:…]`, Data Center as `[~name]`."""
    return "\n\n".join(_block(block, cloud) for block in blocks)


def _inline(piece: Inline, cloud: bool) -> str:
    if isinstance(piece, LineBreak):
        return "\n"
    if isinstance(piece, Mention):
        return f"[~accountid:{piece.user}]" if cloud else f"[~{piece.user}]"
    if piece.href is not None:
        return f"[{piece.text}|{piece.href}]" if piece.text != piece.href else f"[{piece.href}]"
    before, after = _MARKS.get(piece.mark, ("", ""))
    return before + piece.text + after


def _inlines(content: Inlines, cloud: bool) -> str:
    return "".join(_inline(piece, cloud) for piece in content)


def _table(block: Table, cloud: bool) -> str:
    lines = []
    if block.header:
        lines.append("||" + "||".join(_inlines(cell, cloud) for cell in block.header) + "||")
    lines.extend("|" + "|".join(_inlines(cell, cloud) or " " for cell in row) + "|" for row in block.rows)
    return "\n".join(lines)


def _framed(block: Panel | Quote, cloud: bool) -> str:
    inner = "\n\n".join(_inlines(line, cloud) for line in block.paragraphs)
    if isinstance(block, Quote):
        return "{quote}" + inner + "{quote}"
    return f"{{panel:bgColor={_PANELS[block.kind]}}}\n{inner}\n{{panel}}"


def _block(block: Block, cloud: bool) -> str:
    if isinstance(block, Heading):
        return f"h{block.level}. {_inlines(block.content, cloud)}"
    if isinstance(block, Paragraph):
        return _inlines(block.content, cloud)
    if isinstance(block, Items):
        bullet = "#" if block.ordered else "*"
        return "\n".join(f"{bullet} {_inlines(item, cloud)}" for item in block.items)
    if isinstance(block, Code):
        opening = f"{{code:{block.language}}}" if block.language else "{code}"
        return f"{opening}\n{block.text}\n{{code}}"
    if isinstance(block, Table):
        return _table(block, cloud)
    if isinstance(block, Image):
        return f"!{block.name}|thumbnail!"
    if isinstance(block, Rule):
        return "----"
    return _framed(block, cloud)
