"""Shapes of the two JSON texts kept with an issue: `card` (list item) and `detail` (what the detail adds)."""

from typing import Any, Literal, TypedDict


class Person(TypedDict):
    """A person as shown; `id` is the Cloud accountId or the Data Center user key."""

    id: str
    name: str
    avatar_url: str | None


class Body(TypedDict):
    """A rich text as stored: an ADF document (JSON object) or wiki text."""

    format: Literal["adf", "wiki"]
    raw: Any


class Card(TypedDict):
    """The list item of api.md §4, less what readers add: id, connection_id, revision. `jira_id` is text."""

    jira_id: str
    key: str
    url: str
    project: dict[str, str]  # key, name
    type: dict[str, Any]  # name, subtask
    summary: str
    status: dict[str, str]  # name, category
    priority: dict[str, str] | None  # name
    assignee: Person | None
    reporter: Person | None
    labels: list[str]
    components: list[str]
    fix_versions: list[str]
    affects_versions: list[str]
    parent: dict[str, str] | None  # key, summary
    sprint: dict[str, str] | None  # name, state
    resolution: str | None
    due_date: str | None
    created: str
    updated: str
    resolved_at: str | None


class CustomField(TypedDict):
    """A custom field with its value as Jira gave it and as people read it."""

    id: str
    name: str
    type: str
    value: Any
    display: str


class Detail(TypedDict):
    """What the detail of an issue adds to its card, less the collections."""

    description: Body | None
    environment: Body | None
    custom_fields: list[CustomField]
    time_tracking: dict[str, int | None] | None  # original_seconds, remaining_seconds, spent_seconds
    votes: int | None
    watches: int | None
    security_level: str | None
    creator: Person | None
