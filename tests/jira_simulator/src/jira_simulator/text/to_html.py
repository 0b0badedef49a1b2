"""Blocks in, the HTML of `renderedFields` and `renderedBody` out."""

from html import escape

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
    Paragraph,
    Quote,
    Rule,
    Table,
)

_TAGS = {"strong": "b", "em": "em", "code": "tt", "strike": "del", "underline": "ins"}


def to_html(blocks: Blocks) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _inline(piece: Inline) -> str:
    if isinstance(piece, LineBreak):
        return "<br/>"
    if isinstance(piece, Mention):
        return f'<a class="user-hover" rel="{escape(piece.user)}">{escape(piece.text)}</a>'
    text = escape(piece.text)
    if piece.mark:
        tag = _TAGS[piece.mark]
        text = f"<{tag}>{text}</{tag}>"
    return text if piece.href is None else f'<a href="{escape(piece.href)}" class="external-link">{text}</a>'


def _inlines(content: Inlines) -> str:
    return "".join(_inline(piece) for piece in content)


def _table(block: Table) -> str:
    head = "".join(f"<th class='confluenceTh'>{_inlines(cell)}</th>" for cell in block.header)
    rows = ["".join(f"<td class='confluenceTd'>{_inlines(cell)}</td>" for cell in row) for row in block.rows]
    lines = ([head] if head else []) + rows
    return "<table class='confluenceTable'><tbody>" + "".join(f"<tr>{row}</tr>" for row in lines) + "</tbody></table>"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_inlines(block.content)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_inlines(block.content)}</p>"
    if isinstance(block, Items):
        tag = "ol" if block.ordered else "ul"
        return f"<{tag}>" + "".join(f"<li>{_inlines(item)}</li>" for item in block.items) + f"</{tag}>"
    if isinstance(block, Code):
        opening = f'<div class="code panel"><pre class="code-{escape(block.language or "java")}">'
        return f"{opening}{escape(block.text)}</pre></div>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Image):
        return f'<p><span class="image-wrap"><img src="{escape(block.name)}" alt="{escape(block.name)}"/></span></p>'
    if isinstance(block, Rule):
        return "<hr />"
    inner = "".join(f"<p>{_inlines(line)}</p>" for line in block.paragraphs)
    return f"<blockquote>{inner}</blockquote>" if isinstance(block, Quote) else f'<div class="panel">{inner}</div>'
