"""Any value of a Jira answer comes in; text that Postgres can keep comes out."""

import re
from typing import Any

from common.markup.adf import parse_adf
from common.markup.text import render_text
from common.markup.wiki import parse_wiki

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without NUL characters and lone surrogates, which Postgres refuses."""
    return _UNSTORABLE.sub("\ufffd", text)


def clean_all(value: Any) -> Any:
    """The same for every text inside a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(item) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): clean_all(item) for key, item in value.items()}
    return value


def plain(body: Any) -> str:
    """The words of a rich text, for search: ADF documents are objects, wiki texts are strings."""
    if isinstance(body, dict):
        return render_text(parse_adf(body))
    return render_text(parse_wiki(body)) if isinstance(body, str) else ""


def short(text: str, limit: int = 200) -> str:
    """A text that fits into an event."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
