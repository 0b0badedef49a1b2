"""Reading JSON that may lie: any value comes in, a value of the wanted type (or its default) goes out."""

from collections.abc import Iterator
from typing import Any

from common.markup.limits import MAX_NODES
from common.markup.safety import clean_text

Node = dict[str, Any]


class Budget:
    """Counts the nodes and characters that a document may still use."""

    def __init__(self, chars: int) -> None:
        self.nodes = MAX_NODES
        self.chars = chars
        self.exceeded = False

    def take_node(self) -> bool:
        self.nodes -= 1
        self.exceeded = self.exceeded or self.nodes < 0
        return self.nodes >= 0

    def take_text(self, text: str) -> str:
        """As much of the text as fits, cleaned."""
        cut = text[: max(self.chars, 0)]
        self.chars -= len(cut)
        self.exceeded = self.exceeded or len(cut) < len(text)
        return clean_text(cut)


def children(node: Node) -> list[Node]:
    content = node.get("content")
    return [child for child in content if isinstance(child, dict)] if isinstance(content, list) else []


def kind_of(node: Node) -> str:
    kind = node.get("type")
    return kind if isinstance(kind, str) else ""


def attrs_of(node: Node) -> Node:
    attrs = node.get("attrs")
    return attrs if isinstance(attrs, dict) else {}


def string(value: object, limit: int = 2000) -> str:
    """Strings and numbers as text, anything else empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and value.bit_length() > 200:
        return ""
    return clean_text(str(value)[:limit])


def integer(value: object, default: int, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return default
    return int(min(max(value, low), high))


def texts_below(nodes: list[Node], budget: Budget) -> Iterator[str]:
    """The texts of a tree of any depth in reading order, without recursion."""
    stack = nodes[::-1]
    while stack and budget.take_node():
        node = stack.pop()
        text = node.get("text")
        if not isinstance(text, str):
            attrs = attrs_of(node)
            text = next((v for name in ("text", "alt", "url", "title") if (v := string(attrs.get(name)))), "")
        if text:
            yield budget.take_text(text)
        stack.extend(children(node)[::-1])
