"""A reference to an issue comes in, its detail with the wanted collections goes out."""

from collections.abc import Sequence
from typing import Any

import orjson

from api_gateway.app import App
from api_gateway.domain.bodies import StoredBody, body_json
from api_gateway.domain.issue_json import BODY_FIELDS, issue_object
from api_gateway.usecases.collect_children import next_cursor, page_objects, read_page
from api_gateway.usecases.find_issue import FoundIssue, IssueRef, find_issue, read_surroundings
from api_gateway.usecases.list_issues import Answer
from api_gateway.usecases.render_bodies import render_bodies
from common.db.reading import Reader
from common.ids import public_id
from common.issues.access import Access, Viewer, read_access
from common.issues.children import Collection, hidden_keys
from common.issues.connected import data_as_of
from common.issues.key_fields import keys_in_fields, without_hidden

#: How much of each collection comes with the detail; the rest is paged by its own path.
EXPANDED = 50


async def show_issue(ref: IssueRef, expand: Sequence[Collection], *, viewer: Viewer, app: App) -> Answer:
    """Raises `IssueNotFound` or `AmbiguousKey`."""
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        found = await find_issue(ref, reader=reader, access=access)
        detail = orjson.loads(found.row.detail)
        detail["custom_fields"] = await _fields(found, detail, reader=reader, access=access)
        pages = [
            await read_page(kind, found, limit=EXPANDED, after=None, reader=reader, access=access) for kind in expand
        ]
        own = {
            name: StoredBody(detail[name]["format"], detail[name]["raw"])
            for name in sorted(BODY_FIELDS)
            if detail.get(name)
        }
        bodies = [*own.values(), *(body for page in pages for body in page.bodies())]
        surroundings = await read_surroundings(found, bodies, reader=reader)
    rendered = await render_bodies(bodies, surroundings, tenant=access.tenant, app=app)
    pairs = iter(zip(bodies, rendered, strict=True))
    shown = _issue(found) | detail | dict.fromkeys(BODY_FIELDS)
    shown |= {name: body_json(*next(pairs)) for name in own}
    for page in pages:
        shown[page.kind.value] = {
            "items": page_objects(page, pairs),
            "total": page.total,
            "next_cursor": next_cursor(page, found, access=access, app=app),
        }
    return Answer(orjson.dumps(shown), data_as_of([found.connection]))


async def _fields(found: FoundIssue, detail: dict[str, Any], *, reader: Reader, access: Access) -> list[Any]:
    """The custom fields; one that names an issue which the viewer may not see (an epic) is left out."""
    fields = detail.get("custom_fields") or []
    hidden = await hidden_keys(reader, access, found.row.connection_id, keys_in_fields(fields))
    return without_hidden(fields, hidden)


def _issue(found: FoundIssue) -> dict[str, Any]:
    row = found.row
    stored = {
        "issue_id": row.issue_id,
        "card": row.card,
        "revision": row.revision,
        "parent_visible": row.parent_visible,
    }
    return issue_object(stored, public_id("con", row.connection_id))
