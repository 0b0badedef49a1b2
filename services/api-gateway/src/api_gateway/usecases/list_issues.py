"""A request for issues comes in, one page of JSON goes out, with the moment that it is true for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from api_gateway.app import App
from api_gateway.domain.issue_json import connection_name, issue_object, item, list_body, needs_detail
from api_gateway.domain.issue_request import IssueRequest, filter_for
from api_gateway.usecases.highlight_hits import highlight_hits
from common.db.reading import Reader
from common.ids import ConnectionId
from common.issues.access import Access
from common.issues.connected import LiveConnection, data_as_of, list_live_connections
from common.issues.listing import COUNT_LIMIT, IssueQuery, count_issues
from common.issues.listing import list_issues as list_rows
from common.issues.ordering import read_position, write_position
from common.issues.searching import TextPlan, parse_text, plan_search


@dataclass(frozen=True, slots=True)
class Answer:
    """Ready bytes, and what `X-Data-As-Of` says about them."""

    body: bytes
    as_of: datetime | None


async def list_issues(request: IssueRequest, *, access: Access, app: App) -> Answer:
    """Raises `InvalidCursor` or `CursorExpired` for a cursor of another list, tenant or day."""
    question = request.question(access.fingerprint)
    position = None
    if request.cursor is not None:
        values = app.cursors.read(request.cursor, bound_to=question, now=app.clock())
        position = read_position(values, request.order)
    async with app.db.read(access.tenant) as reader:
        live = _asked_for(await list_live_connections(reader), request.where.connections)
        query = await _query(request, live, reader, access)
        if query is None:
            return Answer(list_body((), None, (0, True) if request.count else None), data_as_of(live))
        rows = await list_rows(
            reader,
            access,
            query,
            limit=request.limit + 1,
            position=position,
            with_detail=request.highlight or needs_detail(request.fields),
        )
        count = await _count(request, query, reader, access)
        page = rows[: request.limit]
        items = await _items(page, request, query.text, reader)
    cursor = None
    if len(rows) > request.limit:
        last = write_position(page[-1], request.order)
        cursor = app.cursors.write(last, bound_to=question, now=app.clock())
    return Answer(list_body(items, cursor, count), data_as_of(live))


def _asked_for(live: Sequence[LiveConnection], wanted: Sequence[ConnectionId]) -> list[LiveConnection]:
    return [each for each in live if not wanted or each.connection_id in wanted]


async def _query(
    request: IssueRequest, live: Sequence[LiveConnection], reader: Reader, access: Access
) -> IssueQuery | None:
    """What to ask the mirror; None when nothing can match."""
    text: TextPlan | None = None
    if request.q is not None:
        typed = parse_text(request.q)
        text = None if typed.is_empty or not live else await plan_search(reader, access, typed)
        if text is None or (text.kind == "ids" and not text.ids):
            return None
    if not live:
        return None
    mine = tuple({each.account_id for each in live if each.account_id})
    return IssueQuery(tuple(each.connection_id for each in live), filter_for(request, mine), request.order, text)


async def _count(request: IssueRequest, query: IssueQuery, reader: Reader, access: Access) -> tuple[int, bool] | None:
    """Text with many hits is counted by its ids, because walking to the last of them could take long."""
    if not request.count:
        return None
    if query.text is None or query.text.kind == "ids":
        return await count_issues(reader, access, query)
    wide = await plan_search(reader, access, query.text.query, few=COUNT_LIMIT)
    all_of_them = wide.kind == "ids"
    by_ids = TextPlan("ids", wide.query, tuple(wide.ranks), wide.ranks)
    value, exact = await count_issues(reader, access, IssueQuery(query.connections, query.where, query.order, by_ids))
    return value, exact and all_of_them


async def _items(page: Sequence[Any], request: IssueRequest, text: TextPlan | None, reader: Reader) -> list[bytes]:
    known: dict[UUID, str] = {}
    names = [connection_name(row["connection_id"], known) for row in page]
    if text is None or not request.ranked:
        return [item(row, name, request.fields) for row, name in zip(page, names, strict=True)]
    marks: Sequence[Mapping[str, str | None]] = [{}] * len(page)
    if request.highlight:
        marks = await highlight_hits(page, text.query, reader)
    out = []
    for row, name, mark in zip(page, names, marks, strict=True):
        chosen = orjson.loads(item(row, name, request.fields)) if request.fields else issue_object(row, name)
        chosen["rank"] = text.ranks.get(row["issue_id"])
        out.append(orjson.dumps({**chosen, "highlight": mark} if request.highlight else chosen))
    return out
