"""Texts of Jira (ADF or wiki) come in, one neutral tree, safe HTML and plain text go out; standard library only."""

from typing import Literal

from common.markup.adf import parse_adf
from common.markup.html import render_html
from common.markup.resolver import Resolver
from common.markup.text import render_text
from common.markup.tree import Document
from common.markup.walk import walk
from common.markup.wiki import parse_wiki


def parse(format: Literal["adf", "wiki"], raw: object) -> Document:  # noqa: A002 (the public name of the field)
    """Malformed input gives the best document there is, never an exception."""
    return parse_adf(raw) if format == "adf" else parse_wiki(raw)


__all__ = ["Document", "Resolver", "parse", "render_html", "render_text", "walk"]
