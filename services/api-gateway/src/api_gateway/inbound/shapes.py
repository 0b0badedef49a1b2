"""The shapes of answers, for the API description only: answers themselves are built as bytes."""

from typing import Any, Literal

from pydantic import BaseModel


class Problem(BaseModel):
    """RFC 9457: what went wrong, with a stable `code`."""

    type: str
    title: str
    status: int
    code: str
    request_id: str | None = None
    detail: str | None = None
    errors: list["FieldError"] | None = None


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    pointer: str
    code: str
    detail: str


class Person(BaseModel):
    """Somebody, by Jira's id."""

    id: str | None
    name: str
    avatar_url: str | None = None


class Named(BaseModel):
    """Something with a name."""

    name: str


class ProjectRef(BaseModel):
    key: str
    name: str


class TypeRef(BaseModel):
    name: str
    subtask: bool


class StatusRef(BaseModel):
    name: str
    category: Literal["todo", "in_progress", "done"]


class ParentRef(BaseModel):
    key: str
    summary: str


class SprintRef(BaseModel):
    name: str
    state: str


class Issue(BaseModel):
    """An issue in a list; with `fields=` only the chosen ones are there."""

    id: str
    connection_id: str
    jira_id: str
    key: str
    url: str
    project: ProjectRef
    type: TypeRef
    summary: str
    status: StatusRef
    priority: Named | None
    assignee: Person | None
    reporter: Person | None
    labels: list[str]
    components: list[str]
    fix_versions: list[str]
    affects_versions: list[str]
    parent: ParentRef | None
    sprint: SprintRef | None
    resolution: str | None
    due_date: str | None
    created: str
    updated: str
    resolved_at: str | None
    revision: int


class Count(BaseModel):
    """How many there are; not exact means "at least"."""

    value: int
    exact: bool


class IssueList(BaseModel):
    items: list[Issue]
    next_cursor: str | None
    count: Count | None = None


class Highlight(BaseModel):
    """HTML with `<mark>` around the hits; null where there is none."""

    summary: str | None = None
    description: str | None = None


class FoundIssue(Issue):
    rank: float | None = None
    highlight: Highlight | None = None


class IssueSearchResult(BaseModel):
    items: list[FoundIssue]
    next_cursor: str | None
    count: Count | None = None


class Body(BaseModel):
    """A rich text: as Jira has it, as safe HTML, and as plain text."""

    format: Literal["adf", "wiki"]
    raw: Any
    html: str
    text: str


class Visibility(BaseModel):
    type: str
    value: str


class Comment(BaseModel):
    id: str
    author: Person | None
    created: str
    updated: str
    edited: bool
    body: Body
    visibility: Visibility | None


class Worklog(BaseModel):
    id: str
    author: Person | None
    started: str | None
    seconds: int
    created: str
    updated: str
    comment: Body | None
    visibility: Visibility | None


class Change(BaseModel):
    field: str
    field_id: str | None = None
    from_text: str | None = None
    to_text: str | None = None


class HistoryEntry(BaseModel):
    id: str
    author: Person | None
    at: str
    changes: list[Change]


class Attachment(BaseModel):
    id: str
    name: str
    size: int
    media_type: str
    author: Person | None
    created: str
    content_url: str
    thumbnail_url: str | None = None


class LinkedIssue(BaseModel):
    id: str
    key: str
    summary: str
    type: Named
    status: StatusRef


class Link(BaseModel):
    id: str
    type: str
    direction: Literal["inward", "outward"]
    label: str
    issue: LinkedIssue


class _Page(BaseModel):
    total: int
    next_cursor: str | None


class Comments(_Page):
    items: list[Comment]


class Worklogs(_Page):
    items: list[Worklog]


class History(_Page):
    items: list[HistoryEntry]


class Attachments(_Page):
    items: list[Attachment]


class Links(_Page):
    items: list[Link]


class CustomField(BaseModel):
    id: str
    name: str
    type: str
    value: Any
    display: str


class IssueDetail(Issue):
    """An issue with its texts and fields, and the collections that were asked for."""

    description: Body | None
    environment: Body | None
    custom_fields: list[CustomField]
    time_tracking: dict[str, int | None] | None
    votes: int | None
    watches: int | None
    security_level: str | None
    creator: Person | None
    comments: Comments | None = None
    worklogs: Worklogs | None = None
    history: History | None = None
    attachments: Attachments | None = None
    links: Links | None = None
