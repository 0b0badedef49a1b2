"""A page of one collection of an issue: comments, worklogs, history, attachments or links."""

from dataclasses import dataclass

import orjson

from api_gateway.app import App
from api_gateway.usecases.collect_children import next_cursor, page_objects, read_cursor, read_page
from api_gateway.usecases.find_issue import IssueRef, find_issue, read_surroundings
from api_gateway.usecases.list_issues import Answer
from api_gateway.usecases.render_bodies import render_bodies
from common.issues.access import Viewer, read_access
from common.issues.children import Collection
from common.issues.connected import data_as_of


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How much, and from where on."""

    limit: int = 50
    cursor: str | None = None


async def list_collection(ref: IssueRef, kind: Collection, wanted: PageRequest, *, viewer: Viewer, app: App) -> Answer:
    """Raises `IssueNotFound`, `AmbiguousKey`, or `InvalidCursor` for a cursor of another issue."""
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        found = await find_issue(ref, reader=reader, access=access)
        after = read_cursor(wanted.cursor, kind, found, access=access, app=app)
        page = await read_page(kind, found, limit=wanted.limit, after=after, reader=reader, access=access)
        bodies = page.bodies()
        surroundings = await read_surroundings(found, bodies, reader=reader)
    rendered = await render_bodies(bodies, surroundings, tenant=access.tenant, app=app)
    body = {
        "items": page_objects(page, iter(zip(bodies, rendered, strict=True))),
        "total": page.total,
        "next_cursor": next_cursor(page, found, access=access, app=app),
    }
    return Answer(orjson.dumps(body), data_as_of([found.connection]))
