"""The neutral tree comes in, an HTML fragment goes out that is well-formed as XML and safe by construction."""

from collections.abc import Callable
from html import escape
from typing import Any

from common.markup.html_inlines import attribute, image, inlines
from common.markup.resolver import Resolver
from common.markup.safety import clean_text
from common.markup.tree import (
    Block,
    Cell,
    CodeBlock,
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
    Row,
    Rule,
    Table,
)

TRUNCATED = "[…]"


def render_html(doc: Document, resolver: Resolver | None = None) -> str:
    resolver = resolver or Resolver()
    end = f'<p class="jx-truncated">{TRUNCATED}</p>' if doc.truncated else ""
    return _blocks(doc.blocks, resolver) + end


def _blocks(blocks: tuple[Block, ...], resolver: Resolver) -> str:
    return "".join(_RENDER[type(block)](block, resolver) for block in blocks)


def _paragraph(block: Paragraph, resolver: Resolver) -> str:
    style = f"text-align:{block.align};" if block.align in {"center", "right"} else ""
    style += f"margin-left:{block.indent * 2}em;" if block.indent else ""
    return f"<p{attribute('style', style)}>{inlines(block.inlines, resolver)}</p>"


def _heading(block: Heading, resolver: Resolver) -> str:
    level = min(max(block.level, 1), 6)
    return f"<h{level}>{inlines(block.inlines, resolver)}</h{level}>"


def _list(block: ListBlock, resolver: Resolver) -> str:
    items = "".join(_item(item, block.kind, resolver) for item in block.items)
    if not items:
        return ""
    if block.kind == "ordered":
        start = f' start="{block.start}"' if block.start != 1 else ""
        return f"<ol{start}>{items}</ol>"
    kind = f' class="jx-{block.kind}s"' if block.kind in {"task", "decision"} else ""
    return f"<ul{kind}>{items}</ul>"


def _item(item: ListItem, kind: str, resolver: Resolver) -> str:
    inner = _tight(item.blocks, resolver)
    if kind == "task":
        state, sign = ("done", "☑") if item.done else ("open", "☐")
        return f'<li class="jx-task jx-{state}"><span class="jx-box">{sign}</span> {inner}</li>'
    if kind == "decision":
        return f'<li class="jx-decision"><span class="jx-box">◆</span> {inner}</li>'
    return f"<li>{inner}</li>"


def _tight(blocks: tuple[Block, ...], resolver: Resolver) -> str:
    """The first plain paragraph of an item or a cell goes without its tags."""
    if blocks and isinstance(blocks[0], Paragraph) and blocks[0].align is None and not blocks[0].indent:
        return inlines(blocks[0].inlines, resolver) + _blocks(blocks[1:], resolver)
    return _blocks(blocks, resolver)


def _code(block: CodeBlock, _: Resolver) -> str:
    title = f'<div class="jx-code-title">{escape(block.title)}</div>' if block.title else ""
    code = f"<pre><code{attribute('data-language', block.language)}>{escape(clean_text(block.text))}</code></pre>"
    return f'<div class="jx-code">{title}{code}</div>'


def _panel(block: Panel, resolver: Resolver) -> str:
    style = f"background-color:{block.background};" if block.background else ""
    style += f"border-color:{block.border};" if block.border else ""
    title = f'<div class="jx-panel-title">{escape(block.title)}</div>' if block.title else ""
    body = _blocks(block.blocks, resolver)
    return f'<div class="jx-panel jx-panel-{block.kind}"{attribute("style", style)}>{title}{body}</div>'


def _quote(block: Quote, resolver: Resolver) -> str:
    return f"<blockquote>{_blocks(block.blocks, resolver)}</blockquote>"


def _table(block: Table, resolver: Resolver) -> str:
    rows = list(block.rows)
    head: list[Row] = []
    # Rows of header cells at the top repeat on every page; one row must stay for the body.
    while len(rows) > 1 and all(cell.header and cell.rowspan == 1 for cell in rows[0].cells):
        head.append(rows.pop(0))
    if not rows:
        return ""
    number = 0 if block.numbered else None
    top = "".join(_row(row, resolver, "" if block.numbered else None) for row in head)
    body = "".join(_row(row, resolver, None if number is None else str(index)) for index, row in enumerate(rows, 1))
    thead = f"<thead>{top}</thead>" if top else ""
    return f'<table class="jx-table">{thead}<tbody>{body}</tbody></table>'


def _row(row: Row, resolver: Resolver, number: str | None) -> str:
    first = "" if number is None else f'<th class="jx-number">{number}</th>'
    return f"<tr>{first}{''.join(_cell(cell, resolver) for cell in row.cells)}</tr>"


def _cell(cell: Cell, resolver: Resolver) -> str:
    tag = "th" if cell.header else "td"
    spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    spans += f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    style = attribute("style", f"background-color:{cell.background}" if cell.background else "")
    return f"<{tag}{spans}{style}>{_tight(cell.blocks, resolver)}</{tag}>"


def _figure(block: Figure, resolver: Resolver) -> str:
    side = f" jx-{block.align}" if block.align in {"center", "right"} else ""
    images = " ".join(image(one, resolver, block.width) for one in block.images)
    caption = f"<figcaption>{inlines(block.caption, resolver)}</figcaption>" if block.caption else ""
    return f'<figure class="jx-figure{side}">{images}{caption}</figure>'


def _expand(block: Expand, resolver: Resolver) -> str:
    title = f'<div class="jx-expand-title">{escape(block.title)}</div>' if block.title else ""
    return f'<div class="jx-expand">{title}{_blocks(block.blocks, resolver)}</div>'


def _layout(block: Layout, resolver: Resolver) -> str:
    columns = "".join(
        f'<div class="jx-column"{attribute("style", f"flex-grow:{column.width:g}" if column.width else "")}>'
        f"{_blocks(column.blocks, resolver)}</div>"
        for column in block.columns
    )
    return f'<div class="jx-layout">{columns}</div>'


def _extension(block: Extension, resolver: Resolver) -> str:
    name = f'<span class="jx-extension-name">{escape(block.name)}</span>'
    text = f" {escape(block.text)}" if block.text else ""
    return f'<div class="jx-extension"><div>{name}{text}</div>{_blocks(block.blocks, resolver)}</div>'


_RENDER: dict[type, Callable[[Any, Resolver], str]] = {
    Paragraph: _paragraph,
    Heading: _heading,
    ListBlock: _list,
    CodeBlock: _code,
    Panel: _panel,
    Quote: _quote,
    Rule: lambda *_: "<hr/>",
    Table: _table,
    Figure: _figure,
    Expand: _expand,
    Layout: _layout,
    Extension: _extension,
}
