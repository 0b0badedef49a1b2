"""What changed in an issue comes in, the events that tell of it come out; restricted parts say whom they are for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from common.contracts.events import Event
from common.contracts.issues import (
    Actor,
    CommentChangedV1,
    CommentCreatedV1,
    CommentDeletedV1,
    EventAccess,
    FieldChange,
    IssueChangedV1,
    IssueCreatedV1,
    IssueDeletedV1,
    IssueMovedV1,
    WorklogChangedV1,
    WorklogCreatedV1,
    WorklogDeletedV1,
)
from common.ids import public_id
from jira_sync.domain.changes import Change, CollectionDiff
from jira_sync.domain.snapshot import Row, Site


@dataclass(frozen=True)
class Fact:
    """An event and the columns with which it stands in the change feed."""

    event: Event
    kind: str
    object_id: UUID
    issue_id: UUID
    project_id: int
    deleted: bool = False


@dataclass(frozen=True)
class IssueNews:
    """An issue as it is now, and how it differs from before."""

    site: Site
    row: Row
    revision: int
    before: Row | None = None  # None: new, or seen again after it was gone
    changes: Sequence[Change] = ()
    collections: Mapping[str, CollectionDiff] = field(default_factory=dict)

    @property
    def common(self) -> dict[str, Any]:
        """What every event of the issue says."""
        return {
            "connection_id": public_id("con", self.site.connection),
            "issue_id": public_id("iss", self.row["issue_id"]),
            "key": self.row["key"],
            "project_key": self.row["project_key"],
            "project_id": str(self.row["project_id"]),
            "revision": self.revision,
        }

    def access(self, visibility: str | None = None) -> EventAccess:
        """Who may hear of it."""
        return EventAccess(level=self.row["security_level_id"], visibility=visibility)

    def fact(self, event: Event, *, deleted: bool = False) -> Fact:
        """A fact about the issue itself."""
        issue = self.row["issue_id"]
        return Fact(event, "issue", issue, issue, self.row["project_id"], deleted)


def facts_of(news: IssueNews, *, with_children: bool) -> list[Fact]:
    """The events of one stored state, in the order in which they happened."""
    facts = [_created(news)] if news.before is None else [*_moved(news), _changed(news)]
    if with_children:
        for name, kinds in (("comments", _COMMENT), ("worklogs", _WORKLOG)):
            facts.extend(_child_facts(news, name[:-1], news.collections.get(name, CollectionDiff()), kinds))
    return facts


def deleted_fact(site: Site, row: Row, revision: int, at: Any) -> Fact:
    """An issue is gone, or out of sight."""
    news = IssueNews(site, row, revision)
    return news.fact(IssueDeletedV1(**news.common, at=at, access=news.access()), deleted=True)


def _created(news: IssueNews) -> Fact:
    event = IssueCreatedV1(**news.common, at=news.row["created"], access=news.access())
    return news.fact(event)


def _moved(news: IssueNews) -> Iterable[Fact]:
    before = news.before or {}
    if before["key"] == news.row["key"]:
        return
    yield news.fact(
        IssueMovedV1(
            **news.common,
            at=news.row["updated"],
            actor=_actor(news),
            access=news.access(),
            old_key=before["key"],
            old_project_key=before["project_key"],
            old_project_id=str(before["project_id"]),
        )
    )


def _changed(news: IssueNews) -> Fact:
    """The fields of the issue, and the collections of which everybody may know that they changed."""
    fields = [change.field for change in news.changes]
    fields += [name for name, diff in news.collections.items() if name != "history" and _is_public(diff)]
    event = IssueChangedV1(
        **news.common,
        at=news.row["updated"],
        actor=_actor(news),
        access=news.access(),
        fields=fields,
        changes=[
            FieldChange(field=change.field, from_=change.before, to=change.after)
            for change in news.changes
            if change.quoted
        ],
    )
    return news.fact(event)


def _is_public(diff: CollectionDiff) -> bool:
    return any(row.get("visibility") is None for row in (*diff.added, *diff.changed, *diff.gone))


def _actor(news: IssueNews) -> Actor | None:
    """Who wrote the newest history entry, else the newest comment that everybody may see."""
    for name in ("history", "comments"):
        diff = news.collections.get(name, CollectionDiff())
        entries = [row for row in (*diff.added, *diff.changed) if row.get("visibility") is None and row["author_id"]]
        if entries:
            last = max(entries, key=lambda row: (row.get("updated", row["created"]), row["jira_id"]))
            return Actor(id=last["author_id"], name=last["author_name"] or last["author_id"])
    return None


_COMMENT = (CommentCreatedV1, CommentChangedV1, CommentDeletedV1)
_WORKLOG = (WorklogCreatedV1, WorklogChangedV1, WorklogDeletedV1)
_PREFIXES = {"comment": "com", "worklog": "wkl"}


def _child_facts(news: IssueNews, kind: str, diff: CollectionDiff, events: Sequence[type[Event]]) -> Iterable[Fact]:
    for event, rows in zip(events, (diff.added, diff.changed, diff.gone), strict=True):
        for row in sorted(rows, key=lambda entry: (entry["created"], entry["jira_id"])):
            author = row["author_id"]
            made = event(
                **news.common,
                at=row["updated"],
                actor=Actor(id=author, name=row["author_name"] or author) if author else None,
                access=news.access(row["visibility"]),
                **{f"{kind}_id": public_id(_PREFIXES[kind], row["child_id"])},
            )
            gone = event is events[-1]
            yield Fact(made, kind, row["child_id"], news.row["issue_id"], news.row["project_id"], gone)
