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
from common.issues.access import Access, Viewer, read_access
from common.issues.children import hidden_keys
from common.issues.connected import data_as_of
from common.issues.key_fields import keys_in_fields, without_hidden
from common.issues.listing import COUNT_LIMIT, IssueQuery, count_issues
from common.issues.listing import list_issues as list_rows
from common.issues.ordering import read_position, write_position
from common.issues.searching import TextPlan, parse_text, plan_search


@dataclass(frozen=True, slots=True)
class Answer:
    """Ready bytes, and what `X-Data-As-Of` says about them."""

    body: bytes
    as_of: datetime | None


async def list_issues(request: IssueRequest, *, viewer: Viewer, app: App) -> Answer:
    """Raises `InvalidCursor` or `CursorExpired` for a cursor of another list, viewer or day."""
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        question = request.question(access.fingerprint)
        position = None
        if request.cursor is not None:
            values = app.cursors.read(request.cursor, bound_to=question, now=app.clock())
            position = read_position(values, request.order)
        access = access.narrowed(request.where.connections)
        query = await _query(request, reader, access)
        if query is None:
            return Answer(list_body((), None, (0, True) if request.count else None), data_as_of(access.live))
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
        items = await _items(await _nameable(page, request, reader, access), request, query.text, reader)
    cursor = None
    if len(rows) > request.limit:
        last = write_position(page[-1], request.order)
        cursor = app.cursors.write(last, bound_to=question, now=app.clock())
    return Answer(list_body(items, cursor, count), data_as_of(access.live))


async def _query(request: IssueRequest, reader: Reader, access: Access) -> IssueQuery | None:
    """What to ask the mirror; None when nothing can match."""
    text: TextPlan | None = None
    if request.q is not None:
        typed = parse_text(request.q)
        text = None if typed.is_empty or not access.connections else await plan_search(reader, access, typed)
        if text is None or (text.kind == "ids" and not text.ids):
            return None
    if not access.connections:
        return None
    mine = tuple({each.account_id for each in access.live if each.account_id})
    return IssueQuery(filter_for(request, mine), request.order, text)


async def _count(request: IssueRequest, query: IssueQuery, reader: Reader, access: Access) -> tuple[int, bool] | None:
    """Text with many hits is counted by its ids, because walking to the last of them could take long."""
    if not request.count:
        return None
    if query.text is None or query.text.kind == "ids":
        return await count_issues(reader, access, query)
    wide = await plan_search(reader, access, query.text.query, few=COUNT_LIMIT)
    all_of_them = wide.kind == "ids"
    by_ids = TextPlan("ids", wide.query, tuple(wide.ranks), wide.ranks)
    value, exact = await count_issues(reader, access, IssueQuery(query.where, query.order, by_ids))
    return value, exact and all_of_them


async def _nameable(
    page: Sequence[Any], request: IssueRequest, reader: Reader, access: Access
) -> Sequence[Mapping[str, Any]]:
    """The rows; where custom fields were asked for, without those that name issues which the viewer may not see."""
    if not needs_detail(request.fields):
        return page
    details = [orjson.loads(row["detail"]) for row in page]
    named: dict[ConnectionId, set[str]] = {}
    for row, detail in zip(page, details, strict=True):
        named.setdefault(row["connection_id"], set()).update(keys_in_fields(detail.get("custom_fields") or ()))
    hidden = {each: await hidden_keys(reader, access, each, keys) for each, keys in named.items()}
    shown = []
    for row, detail in zip(page, details, strict=True):
        fields = without_hidden(detail.get("custom_fields") or (), hidden[row["connection_id"]])
        shown.append({**row, "detail": orjson.dumps({**detail, "custom_fields": fields})})
    return shown


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
