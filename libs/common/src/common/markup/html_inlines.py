"""Inline nodes of the neutral tree come in, escaped HTML goes out."""

from collections.abc import Callable
from html import escape
from typing import Any

from common.markup.resolver import Resolver
from common.markup.safety import clean_text, safe_color, safe_image_address, safe_link
from common.markup.tree import (
    Anchor,
    AttachmentRef,
    DateStamp,
    Emoji,
    Image,
    Inline,
    InlineExtension,
    IssueRef,
    LineBreak,
    Marks,
    Mention,
    Status,
    Text,
)

_TAGS = (
    ("strong", "strong"),
    ("em", "em"),
    ("underline", "u"),
    ("strike", "s"),
    ("sub", "sub"),
    ("sup", "sup"),
    ("cite", "cite"),
    ("small", "small"),
)


def attribute(name: str, value: str) -> str:
    return f' {name}="{escape(clean_text(value))}"' if value else ""


def inlines(nodes: tuple[Inline, ...], resolver: Resolver) -> str:
    return "".join(_RENDER[type(node)](node, resolver) for node in nodes)


def marked(inner: str, marks: Marks) -> str:
    """Finished HTML inside of the tags that its marks ask for; the link is the outermost."""
    if marks.code:
        inner = f"<code>{inner}</code>"
    for flag, tag in _TAGS:
        if getattr(marks, flag):
            inner = f"<{tag}>{inner}</{tag}>"
    style = f"color:{color};" if (color := safe_color(marks.color)) else ""
    style += f"background-color:{color};" if (color := safe_color(marks.background)) else ""
    if style:
        inner = f'<span style="{style}">{inner}</span>'
    href = safe_link(marks.href)
    return f'<a href="{escape(href)}" rel="noopener noreferrer">{inner}</a>' if href else inner


def image(node: Image, resolver: Resolver, percent: int | None = None) -> str:
    address = next((a for name in node.names if (a := safe_image_address(resolver.image(name)))), None)
    href = safe_link(node.href)
    if address is None:
        return _missing_image(node, href)
    width = f"width:{percent}%;" if percent else ""
    sizes = f' width="{node.width}"' if node.width and not percent else ""
    sizes += f' height="{node.height}"' if node.height and not percent and not node.width else ""
    tag = f'<img src="{escape(address)}" alt="{escape(clean_text(node.alt))}"{sizes}{attribute("style", width)}/>'
    return f'<a href="{escape(href)}" rel="noopener noreferrer">{tag}</a>' if href else tag


def _missing_image(node: Image, href: str | None) -> str:
    name = clean_text(node.alt or (node.names[0] if node.names else "")) or "?"
    box = f'<span class="jx-missing">{escape(name)}</span>'
    href = href or next((link for name in node.names if (link := safe_link(name))), None)
    return f'<a href="{escape(href)}" rel="noopener noreferrer">{box}</a>' if href else box


def _text(node: Text, _: Resolver) -> str:
    return marked(escape(clean_text(node.text), quote=False).replace("\n", "<br/>"), node.marks)


def _mention(node: Mention, resolver: Resolver) -> str:
    name = resolver.mention(node.id) or node.text.removeprefix("@") or node.id or "?"
    return marked(f'<span class="jx-mention">@{escape(clean_text(name))}</span>', node.marks)


def _emoji(node: Emoji, _: Resolver) -> str:
    return f'<span class="jx-emoji"{attribute("title", node.short_name)}>{escape(clean_text(node.text))}</span>'


def _day(node: DateStamp, resolver: Resolver) -> str:
    return f'<time datetime="{node.day.isoformat()}">{escape(resolver.day(node.day))}</time>'


def _status(node: Status, _: Resolver) -> str:
    return f'<span class="jx-status jx-status-{escape(node.color)}">{escape(clean_text(node.text))}</span>'


def _issue(node: IssueRef, resolver: Resolver) -> str:
    href = safe_link(resolver.issue(node.key))
    return marked(escape(node.key), Marks(href=href) if href else node.marks)


def _attachment(node: AttachmentRef, resolver: Resolver) -> str:
    label = escape(clean_text(node.text or node.name))
    href = resolver.attachment(node.name)
    inner = f'<span class="jx-attachment">{label}</span>'
    if safe_image_address(href):
        inner = f'<a href="{escape(href or "")}">{inner}</a>'
    return marked(inner, node.marks)


def _extension(node: InlineExtension, _: Resolver) -> str:
    return f'<span class="jx-extension-inline">{escape(clean_text(node.text or node.name))}</span>'


_RENDER: dict[type, Callable[[Any, Resolver], str]] = {
    Text: _text,
    LineBreak: lambda *_: "<br/>",
    Mention: _mention,
    Emoji: _emoji,
    DateStamp: _day,
    Status: _status,
    IssueRef: _issue,
    AttachmentRef: _attachment,
    Image: image,
    Anchor: lambda node, _: f'<span class="jx-anchor"{attribute("data-name", node.name)}></span>',
    InlineExtension: _extension,
}
