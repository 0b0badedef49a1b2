"""Rows that a search found come in, for each the marked summary and the marked piece of its text go out."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from api_gateway.domain.highlights import cleaned, marked
from api_gateway.store.headlines import list_headlines
from common.db.reading import Reader
from common.issues.searching import TextQuery
from common.markup import parse, render_text

_SUMMARY_LIMIT = 1_000
_TEXT_LIMIT = 10_000


async def highlight_hits(
    rows: Sequence[Mapping[str, Any]], query: TextQuery, reader: Reader
) -> list[dict[str, str | None]]:
    """Only summaries and descriptions are shown, which whoever sees the issue may read; comments are not."""
    details = [orjson.loads(row["detail"]) for row in rows]
    summaries = [cleaned(orjson.loads(row["card"]).get("summary") or "", _SUMMARY_LIMIT) for row in rows]
    texts = await asyncio.to_thread(lambda: [_description(detail) for detail in details])
    found = await list_headlines(reader, query, [*summaries, *texts])
    pairs = zip(found[: len(rows)], found[len(rows) :], strict=True)
    return [{"summary": marked(summary), "description": marked(text)} for summary, text in pairs]


def _description(detail: Mapping[str, Any]) -> str:
    body = detail.get("description")
    return "" if body is None else cleaned(render_text(parse(body["format"], body["raw"])), _TEXT_LIMIT)
