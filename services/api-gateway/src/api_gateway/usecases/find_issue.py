"""A reference to an issue comes in, its row and what surrounds its bodies go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from api_gateway.domain.bodies import StoredBody, Surroundings
from api_gateway.domain.children_json import content_path
from common.db.reading import Reader
from common.ids import ConnectionId
from common.issues.access import Access
from common.issues.children import attachment_names, names_of_people
from common.issues.connected import LiveConnection
from common.issues.details import IssueRow, get_issue


@dataclass(frozen=True, slots=True)
class IssueRef:
    """An id or a key, and the connection that decides when a key is in several."""

    issue: str
    connection: ConnectionId | None = None


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """The row, and the connection that it came by."""

    row: IssueRow
    connection: LiveConnection

    @property
    def place(self) -> tuple[ConnectionId, int]:
        """Where its children hang."""
        return self.row.connection_id, self.row.jira_id


async def find_issue(ref: IssueRef, *, reader: Reader, access: Access) -> FoundIssue:
    """Raises `IssueNotFound` or `AmbiguousKey`."""
    asked = access.narrowed([ref.connection] if ref.connection else [])
    row = await get_issue(reader, asked, ref.issue)
    return FoundIssue(row, next(each for each in asked.live if each.connection_id == row.connection_id))


async def read_surroundings(found: FoundIssue, bodies: Sequence[StoredBody], *, reader: Reader) -> Surroundings:
    """The names that the bodies of an issue may use; of two attachments with one name the newer one counts."""
    site = found.connection.base_url.rstrip("/")
    if not bodies:
        return Surroundings(site)
    attachments: dict[str, str] = {}
    with_files = any(body.may_show_files() for body in bodies)
    for row in await attachment_names(reader, found.place) if with_files else ():
        path = content_path(row)
        attachments[row["name"]] = path
        if row["media_id"] is not None:
            attachments[row["media_id"]] = path
    mentioned = sorted(set().union(*(body.mentions() for body in bodies)))
    people = await names_of_people(reader, found.row.connection_id, mentioned) if mentioned else {}
    return Surroundings(site, attachments, people)
