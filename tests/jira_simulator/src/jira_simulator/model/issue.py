"""An issue and its parts; every write makes a new one, so an older version can stay in the search index."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jira_simulator.text.document import Text


@dataclass(frozen=True, slots=True)
class Visibility:
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    body: Text
    created: int
    updated: int
    updater: str
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Worklog:
    id: int
    author: str
    comment: Text | None
    started: int
    seconds: int
    created: int
    updated: int
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class ChangeItem:
    field: str
    field_id: str | None
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None

    @property
    def field_type(self) -> str:
        return "custom" if self.field_id and self.field_id.startswith("customfield_") else "jira"


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    author: str
    at: int
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """`source` names where the bytes come from: a generated file of the pool or an upload."""

    id: int
    name: str
    author: str
    created: int
    media_type: str
    source: str


@dataclass(frozen=True, slots=True)
class Link:
    """The same link stands in both issues; `outward` is true in its source."""

    id: int
    type: str
    other: int
    outward: bool


@dataclass(frozen=True, slots=True)
class Issue:
    id: int
    key: str
    project: int
    type: str
    summary: str
    status: str
    creator: str
    created: int
    updated: int
    reporter: str | None = None
    assignee: str | None = None
    priority: str | None = None
    resolution: str | None = None
    resolved: int | None = None
    due: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    affects_versions: tuple[str, ...] = ()
    parent: int | None = None
    security: str | None = None
    description: Text | None = None
    environment: Text | None = None
    original_estimate: int | None = None
    remaining: int | None = None
    rank: str = "0|hzzzzz:"
    custom: Mapping[str, Any] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()
    worklogs: tuple[Worklog, ...] = ()
    changes: tuple[Change, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    voters: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return int(self.key.rpartition("-")[2])

    @property
    def spent(self) -> int:
        return sum(worklog.seconds for worklog in self.worklogs)
