"""The rows of an issue come in, the texts of its search documents come out, one per visibility class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from jira_sync.domain.snapshot import Row
from jira_sync.domain.texts import plain

#: A tsvector holds at most a megabyte of lexemes, in all its parts together.
_LONGEST = 60_000
EVERYBODY = ""


@dataclass(frozen=True)
class SearchText:
    """What one class of viewers may find an issue by."""

    visibility: str
    key: str
    title: str
    description: str
    comments: str


def search_texts(row: Row, comments: Iterable[Row]) -> list[SearchText]:
    """The document for everybody, and one per restricted class: that holds the public text too, so that a query
    may name words of both."""
    detail = orjson.loads(row["detail"])
    description = plain((detail["description"] or {}).get("raw"))[:_LONGEST]
    said: dict[str, list[str]] = {EVERYBODY: []}
    for comment in comments:
        said.setdefault(comment["visibility"] or EVERYBODY, []).append(plain(_body(comment)))
    public = said[EVERYBODY]
    return [
        SearchText(
            visibility=visibility,
            key=row["key"],
            title=row["summary"][:1000],
            description=description,
            comments="\n".join(texts if visibility == EVERYBODY else [*texts, *public])[:_LONGEST],
        )
        for visibility, texts in said.items()
    ]


def _body(comment: Row) -> Any:
    return orjson.loads(comment["body"]) if comment["body_format"] == "adf" else comment["body"]
