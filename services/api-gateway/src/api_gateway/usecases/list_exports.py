"""Exports as export-worker wrote them come out as JSON, for viewers with the same rights as who asked for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from api_gateway.app import App
from api_gateway.store import exports as store
from api_gateway.usecases.list_collection import PageRequest
from common.contracts.http.exports import export_body
from common.errors import NotFound, register_translations
from common.ids import ExportId
from common.issues.access import Viewer, read_access


class ExportNotFound(NotFound):
    """There is no such export, or you may not see it."""

    code = "export.not_found"


register_translations({"export.not_found": "Такого экспорта нет, или он вам недоступен."})


async def list_exports(wanted: PageRequest, *, viewer: Viewer, app: App) -> bytes:
    """Newest first."""
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        question = f"exports:{access.fingerprint}"
        after = None
        if wanted.cursor is not None:
            created, last = app.cursors.read(wanted.cursor, bound_to=question, now=app.clock())
            after = (datetime.fromisoformat(created), UUID(last))
        rows = await store.list_exports(reader, access, limit=wanted.limit + 1, after=after)
    page = rows[: wanted.limit]
    cursor = None
    if len(rows) > wanted.limit:
        last_seen = [page[-1]["created_at"].isoformat(), str(page[-1]["export_id"])]
        cursor = app.cursors.write(last_seen, bound_to=question, now=app.clock())
    return orjson.dumps({"items": [_shown(row) for row in page], "next_cursor": cursor})


async def show_export(export: ExportId, *, viewer: Viewer, app: App) -> bytes:
    """Raises `ExportNotFound`."""
    async with app.db.read(viewer.tenant) as reader:
        row = await store.find_export(reader, await read_access(reader, viewer), export)
    if row is None:
        raise ExportNotFound
    return orjson.dumps(_shown(row))


def _shown(row: Any) -> dict[str, Any]:
    source = row["source"]
    parsed = orjson.loads(source) if isinstance(source, str) else source
    return export_body(row, source=parsed).model_dump(mode="json")
