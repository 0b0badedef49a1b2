"""A page of an issue's collection: read in the transaction, turned into objects once its bodies are rendered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api_gateway.app import App
from api_gateway.domain import children_json
from api_gateway.domain.bodies import Rendered, StoredBody, body_json
from api_gateway.usecases.find_issue import FoundIssue
from common.db.reading import Reader
from common.ids import public_id
from common.issues.access import Access
from common.issues.children import Collection, history_to_look_at, list_children, visible_keys, visible_projects
from common.issues.history_changes import Nameable, named_keys, named_projects, shown_changes

#: Links come whole; an issue has a few, and Jira itself shows them all.
MOST_LINKS = 1_000


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What was read of a collection: rows as wanted, whether there are more, and what history may name."""

    kind: Collection
    rows: Sequence[Any]
    total: int
    more: bool
    nameable: Nameable = field(default_factory=Nameable)

    def bodies(self) -> list[StoredBody]:
        """The rich texts of the rows, in their order; a row without one has none here."""
        if self.kind not in (Collection.COMMENTS, Collection.WORKLOGS):
            return []
        return [StoredBody.of_text(row["body_format"], row["body"]) for row in self.rows if row["body_format"]]


async def read_page(
    kind: Collection,
    found: FoundIssue,
    *,
    limit: int,
    after: tuple[datetime, int] | None,
    reader: Reader,
    access: Access,
) -> ReadPage:
    """Reads one page, and for history which of the issues that it names may be named."""
    asked = MOST_LINKS if kind is Collection.LINKS else limit + 1
    page = await list_children(reader, access, kind, found.place, limit=asked, after=after)
    rows = page.rows if kind is Collection.LINKS else page.rows[:limit]
    more = len(page.rows) > len(rows)
    if kind is not Collection.HISTORY or not rows:
        return ReadPage(kind, rows, page.total, more)
    nameable, hidden = await _what_history_may_name(found, reader, access)
    return ReadPage(kind, rows, page.total - hidden, more, nameable)


async def _what_history_may_name(found: FoundIssue, reader: Reader, access: Access) -> tuple[Nameable, int]:
    """What the viewer may read in this issue's whole history, and how many entries have nothing left to show.

    The total leaves those out too: a number that does not fit would tell that something is hidden.
    """
    entries = [children_json.changes_of(row) for row in await history_to_look_at(reader, found.place)]
    connection = found.row.connection_id
    named = named_keys(entries)
    seen = access.of(connection)
    nameable = Nameable(
        issues=await visible_keys(reader, access, connection, sorted(named)) if named else (),
        projects=await visible_projects(reader, access, connection, named_projects(entries)),
        levels=seen.levels if seen else (),
    )
    return nameable, sum(not shown_changes(changes, nameable) for changes in entries)


def page_objects(page: ReadPage, rendered: Iterator[tuple[StoredBody, Rendered]]) -> list[dict[str, Any]]:
    """The rows as the API shows them; takes the renderings of its bodies off `rendered`."""
    if page.kind is Collection.COMMENTS:
        return [children_json.comment(row, body_json(*next(rendered))) for row in page.rows]
    if page.kind is Collection.WORKLOGS:
        return [
            children_json.worklog(row, body_json(*next(rendered)) if row["body_format"] else None) for row in page.rows
        ]
    if page.kind is Collection.HISTORY:
        return list(_history(page))
    shape = children_json.attachment if page.kind is Collection.ATTACHMENTS else children_json.link
    return [shape(row) for row in page.rows]


def next_cursor(page: ReadPage, found: FoundIssue, *, access: Access, app: App) -> str | None:
    """The cursor of the page after this one; bound to the issue and the collection."""
    if not page.more:
        return None
    last = page.rows[-1]
    position = [last["created"].isoformat(), last["jira_id"]]
    return app.cursors.write(position, bound_to=children_question(page.kind, found, access), now=app.clock())


def read_cursor(
    cursor: str | None, kind: Collection, found: FoundIssue, *, access: Access, app: App
) -> tuple[datetime, int] | None:
    """The position of a cursor of this collection of this issue; raises `InvalidCursor` for any other."""
    if cursor is None:
        return None
    created, last = app.cursors.read(cursor, bound_to=children_question(kind, found, access), now=app.clock())
    return datetime.fromisoformat(created), last


def children_question(kind: Collection, found: FoundIssue, access: Access) -> str:
    """What a cursor of a collection is bound to."""
    return f"{kind}:{public_id('iss', found.row.issue_id)}:{found.row.connection_id}:{access.fingerprint}"


def _history(page: ReadPage) -> Iterator[dict[str, Any]]:
    for row in page.rows:
        changes = shown_changes(children_json.changes_of(row), page.nameable)
        if changes:
            yield children_json.history_entry(row, changes)
