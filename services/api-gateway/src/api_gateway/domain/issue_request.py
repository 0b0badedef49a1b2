"""What a client asks of the list of issues, whichever door it came by."""

import hashlib
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from common.issues.filtering import IssueFilter
from common.issues.ordering import DEFAULT_ORDER, SortKey

#: `assignee=me` and `assignee=none` stand for the viewer's accounts and for nobody.
ME = "me"
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One page: the filter, people as asked for (`me`, `none`, ids), what was typed, the order, how much of it."""

    where: IssueFilter = field(default_factory=IssueFilter)
    assignees: tuple[str, ...] = ()
    q: str | None = None
    order: tuple[SortKey, ...] = DEFAULT_ORDER
    fields: tuple[str, ...] | None = None
    limit: int = 50
    cursor: str | None = None
    count: bool = False
    highlight: bool = False
    ranked: bool = False

    def question(self, access_fingerprint: str) -> str:
        """What a cursor is bound to: everything that decides which rows come in which order, and for whom."""
        order = ",".join(str(key) for key in self.order)
        asked = (astuple(self.where), self.assignees, self.q)
        text = repr((access_fingerprint, order, _plain(asked)))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def filter_for(request: IssueRequest, mine: tuple[str, ...]) -> IssueFilter:
    """The filter with "me" and "none" resolved; `mine` are the viewer's accounts."""
    people: list[str | None] = [person for person in request.assignees if person not in (ME, NOBODY)]
    if NOBODY in request.assignees:
        people.append(None)
    if ME in request.assignees:
        people += mine or [""]  # No account has an empty id, so somebody without accounts has no issues.
    return replace(request.where, assignees=tuple(people))


def _plain(value: object) -> object:
    """The same text for equal values, in every process."""
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
