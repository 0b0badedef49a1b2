"""A question to the audit log comes in; a page of it, or all of it as a file, goes out. Reading is noted too."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from api_gateway.app import App
from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.domain.question import Question
from api_gateway.audit.domain.written import csv_header, csv_lines, json_lines, shown
from api_gateway.audit.store.entries import count_entries, list_entries
from api_gateway.usecases.list_collection import PageRequest
from common.ids import PLATFORM, TenantId, public_id
from common.telemetry.context import current
from common.web.audit import actor_kind
from common.web.tokens import Caller, Operator

Format = Literal["jsonl", "csv"]
_PAGE = 1_000
_LINES: Mapping[Format, Callable[[Iterable[Any]], bytes]] = {"jsonl": json_lines, "csv": csv_lines}


@dataclass(frozen=True, slots=True)
class LogReader:
    """Who reads: a member reads his tenant's log, the operator the platform's own."""

    who: Caller | Operator

    @property
    def tenant(self) -> TenantId:
        """Whose log it is."""
        return self.who.tenant if isinstance(self.who, Caller) else PLATFORM


async def read_log(question: Question, page: PageRequest, *, counted: bool, by: LogReader, app: App) -> bytes:
    """Newest first; raises `InvalidCursor` for a cursor of another question or tenant."""
    bound_to = question.bound_to(by.tenant)
    position = None
    if page.cursor is not None:
        at, last = app.cursors.read(page.cursor, bound_to=bound_to, now=app.clock())
        position = (datetime.fromisoformat(at), UUID(last))
    async with app.db.read(by.tenant) as reader:
        rows = await list_entries(reader, question, limit=page.limit + 1, position=position)
        count = await count_entries(reader, question) if counted else None
    if page.cursor is None:
        app.own_entries.add(by.tenant, _noted("audit.read", question, by, app))
    kept = rows[: page.limit]
    cursor = None
    if len(rows) > page.limit:
        seen = [kept[-1]["at"].isoformat(), str(kept[-1]["entry_id"])]
        cursor = app.cursors.write(seen, bound_to=bound_to, now=app.clock())
    body: dict[str, Any] = {"items": [shown(row) for row in kept], "next_cursor": cursor}
    if count is not None:
        body["count"] = {"value": count[0], "exact": count[1]}
    return orjson.dumps(body)


async def export_log(question: Question, form: Format, *, by: LogReader, app: App) -> AsyncIterator[bytes]:
    """The parts of the file. Nothing newer than its beginning is in it, so that pages do not shift while it goes out.

    The first page is read before the first part comes, so that what is wrong is told with a status.
    """
    now = app.clock()
    ended = now if question.before is None else min(question.before, now)
    fixed = replace(question, before=ended)
    rows = await _page(fixed, None, by, app)
    app.own_entries.add(by.tenant, _noted("audit.exported", question, by, app, form=form))
    return _parts(fixed, form, rows, by, app)


async def _parts(question: Question, form: Format, rows: Any, by: LogReader, app: App) -> AsyncIterator[bytes]:
    if form == "csv":
        yield csv_header()
    while rows:
        yield _LINES[form](rows)
        if len(rows) < _PAGE:
            return
        rows = await _page(question, (rows[-1]["at"], rows[-1]["entry_id"]), by, app)


async def _page(question: Question, position: tuple[datetime, UUID] | None, by: LogReader, app: App) -> Any:
    """Each page is a transaction of its own: a slow client holds none open."""
    async with app.db.read(by.tenant) as reader:
        return await list_entries(reader, question, limit=_PAGE, position=position)


def _noted(action: str, question: Question, by: LogReader, app: App, **details: str) -> Entry:
    context = current()
    filters = ",".join(question.used())
    return Entry(
        at=app.clock(),
        action=action,
        actor_kind=actor_kind(by.who),
        actor_id=public_id("usr", by.who.user),
        address=context.address if context else None,
        request_id=context.request_id if context else None,
        session_id=public_id("ses", by.who.session),
        details=details | ({"filters": filters} if filters else {}),
    )
