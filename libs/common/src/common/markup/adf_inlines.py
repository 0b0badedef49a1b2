"""Inline ADF nodes and marks come in, inline nodes of the neutral tree go out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from common.markup.adf_values import Budget, Node, attrs_of, children, integer, kind_of, string, texts_below
from common.markup.limits import MAX_DEPTH
from common.markup.safety import safe_color, safe_link
from common.markup.tree import (
    PLAIN,
    DateStamp,
    Emoji,
    Image,
    Inline,
    InlineExtension,
    LineBreak,
    Marks,
    Mention,
    Status,
    Text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS_COLORS = frozenset({"neutral", "purple", "blue", "red", "yellow", "green"})
# Atlassian's own emoji have no character in the document.
_ATLASSIAN_EMOJI = {
    "check_mark": "✅", "cross_mark": "❌", "info": "ℹ️", "warning": "⚠️", "plus": "➕", "minus": "➖",
    "question": "❓", "light_bulb_on": "💡", "light_bulb_off": "🌑", "yellow_star": "⭐", "red_star": "⭐",
    "green_star": "⭐", "blue_star": "⭐", "flag_on": "🚩", "flag_off": "🏳️", "note": "📝", "success": "✅",
}  # fmt: skip
_FLAGS: dict[str, dict[str, Any]] = {
    "strong": {"strong": True},
    "em": {"em": True},
    "code": {"code": True},
    "underline": {"underline": True},
    "strike": {"strike": True},
}


def marks_of(node: Node) -> Marks:
    marks = node.get("marks")
    if not isinstance(marks, list):
        return PLAIN
    changes: dict[str, Any] = {}
    for mark in marks[:32]:
        if isinstance(mark, dict):
            changes.update(_mark(kind_of(mark), attrs_of(mark)))
    return replace(PLAIN, **changes) if changes else PLAIN


def _mark(kind: str, attrs: Node) -> dict[str, Any]:
    if kind in _FLAGS:
        return _FLAGS[kind]
    if kind == "link":
        return {"href": safe_link(attrs.get("href"))}
    if kind == "textColor":
        return {"color": safe_color(attrs.get("color"))}
    if kind == "backgroundColor":
        return {"background": safe_color(attrs.get("color"))}
    if kind == "subsup":
        return {"sub": True} if attrs.get("type") == "sub" else {"sup": True}
    return {"small": True} if kind == "fontSize" else {}


def inlines_of(nodes: list[Node], budget: Budget, depth: int = 0) -> tuple[Inline, ...]:
    found: list[Inline] = []
    for node in nodes:
        if not budget.take_node():
            break
        kind = kind_of(node)
        if kind == "text":
            text = node.get("text")
            if isinstance(text, str) and text:
                found.append(Text(budget.take_text(text), marks_of(node)))
        elif make := _INLINES.get(kind):
            found.append(make(node))
        else:
            found.extend(_unknown(node, budget, depth))
    return tuple(found)


def _unknown(node: Node, budget: Budget, depth: int) -> tuple[Inline, ...]:
    """An unknown or misplaced node keeps what it says; when it says nothing its name is shown."""
    below = children(node)
    if not below:
        label = _first(node, "text", "shortName", "url", "title") or string(node.get("text"))
        name = string(attrs_of(node).get("extensionKey")) or kind_of(node) or "unknown"
        return (InlineExtension(clip(name), label),)
    if depth >= MAX_DEPTH:
        return (Text(" ".join(texts_below(below, budget))),)
    return inlines_of(below, budget, depth + 1)


def clip(name: str) -> str:
    return string(name, 200)


def _first(node: Node, *names: str) -> str:
    attrs = attrs_of(node)
    return next((value for name in names if (value := string(attrs.get(name)))), "")


def _mention(node: Node) -> Inline:
    return Mention(_first(node, "id"), _first(node, "text"), marks_of(node))


def _emoji(node: Node) -> Inline:
    text, name = _first(node, "text"), _first(node, "shortName")
    text = "" if text == name else text
    return Emoji(text or _ATLASSIAN_EMOJI.get(name.strip(":"), name), name)


def _date(node: Node) -> Inline:
    stamp = string(attrs_of(node).get("timestamp"))
    try:
        # The timestamp is in milliseconds and means a day in UTC.
        return DateStamp((_EPOCH + timedelta(milliseconds=float(stamp))).date())
    except (ValueError, OverflowError):
        return Text(stamp)


def _status(node: Node) -> Inline:
    color = _first(node, "color")
    return Status(_first(node, "text"), color if color in _STATUS_COLORS else "neutral")


def card_of(node: Node) -> Inline:
    """A smart link is shown by its title when the data has one, else by its address."""
    attrs = attrs_of(node)
    data = attrs.get("data")
    data = data if isinstance(data, dict) else {}
    address = string(attrs.get("url"), 8192) or string(data.get("url"), 8192)
    title = string(data.get("name")) or address
    return Text(title or "link", Marks(href=safe_link(address)))


def image_of(node: Node) -> Image:
    attrs = attrs_of(node)
    alt = _first(node, "alt")
    names = (alt, _first(node, "id"), string(attrs.get("url"), 8192), _first(node, "occurrenceKey"))
    width, height = integer(attrs.get("width"), 0, 0, 20_000), integer(attrs.get("height"), 0, 0, 20_000)
    href = marks_of(node).href
    return Image(tuple(dict.fromkeys(name for name in names if name)), alt, width or None, height or None, href)


def _extension(node: Node) -> Inline:
    return InlineExtension(clip(_first(node, "extensionKey") or kind_of(node)), _first(node, "text"))


_INLINES: dict[str, Callable[[Node], Inline]] = {
    "hardBreak": lambda _: LineBreak(),
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": _status,
    "inlineCard": card_of,
    "mediaInline": image_of,
    "media": image_of,
    "image": image_of,
    "inlineExtension": _extension,
    "placeholder": lambda node: Text(_first(node, "text")),
}

INLINE_KINDS = frozenset({"text", *_INLINES}) - {"media"}
