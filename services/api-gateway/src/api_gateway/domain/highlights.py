"""Highlights: texts in which Postgres marked the hits come in, HTML with `<mark>` goes out."""

from html import escape

#: Characters of Unicode's private area, which clean texts do not have.
BEGIN, END = "\ue000", "\ue001"


def cleaned(text: str, limit: int) -> str:
    """A text to look for hits in: bounded, and without anything that could pass for a mark or upset Postgres."""
    return text[:limit].replace(BEGIN, "").replace(END, "").replace("\x00", "")


def marked(text: str) -> str | None:
    """HTML of a text with marks; None when there is no hit in it."""
    if BEGIN not in text:
        return None
    return escape(text, quote=False).replace(BEGIN, "<mark>").replace(END, "</mark>")
