"""Events of mirrored issues, comments and worklogs (topic `jira.issues`)."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from common.contracts.events import Event
from common.contracts.topics import Topic


class Part(BaseModel):
    """A part of an event's data."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Actor(Part):
    """Who did it, as Jira names him."""

    id: str
    name: str


class FieldChange(Part):
    """One field that changed; long values are left out and only the field is named."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, serialize_by_alias=True)

    field: str
    from_: Any = Field(None, alias="from")
    to: Any = None


class EventAccess(Part):
    """Who may hear of it. Internal: doors check it and strip it before anything goes to a client."""

    level: str | None = None  # security level id of the issue
    visibility: str | None = None  # '<kind>:<value>' of the comment or worklog


class IssueEvent(Event):
    """What all events of an issue say."""

    topic: ClassVar[Topic] = Topic.JIRA_ISSUES

    connection_id: str
    issue_id: str
    key: str
    project_key: str
    project_id: str
    revision: int
    position: int | None = None  # filled by the relay
    actor: Actor | None = None
    at: datetime
    access: EventAccess = EventAccess()

    def subject(self) -> str:
        return self.issue_id


class IssueCreatedV1(IssueEvent):
    """An issue is new in the mirror."""

    type: ClassVar[str] = "jira.issue.created.v1"


class IssueChangedV1(IssueEvent):
    """Fields of an issue changed."""

    type: ClassVar[str] = "jira.issue.changed.v1"

    fields: list[str]
    changes: list[FieldChange] = Field(default_factory=list)


class IssueMovedV1(IssueEvent):
    """An issue has another key."""

    type: ClassVar[str] = "jira.issue.moved.v1"

    old_key: str
    old_project_key: str
    old_project_id: str


class IssueDeletedV1(IssueEvent):
    """An issue is gone in Jira, or the connection may no longer see it."""

    type: ClassVar[str] = "jira.issue.deleted.v1"


class CommentEvent(IssueEvent):
    """What all events of a comment say; never its text."""

    comment_id: str


class CommentCreatedV1(CommentEvent):
    """A comment is new."""

    type: ClassVar[str] = "jira.comment.created.v1"


class CommentChangedV1(CommentEvent):
    """A comment was edited."""

    type: ClassVar[str] = "jira.comment.changed.v1"


class CommentDeletedV1(CommentEvent):
    """A comment is gone."""

    type: ClassVar[str] = "jira.comment.deleted.v1"


class WorklogEvent(IssueEvent):
    """What all events of a worklog say; never its text."""

    worklog_id: str


class WorklogCreatedV1(WorklogEvent):
    """A worklog is new."""

    type: ClassVar[str] = "jira.worklog.created.v1"


class WorklogChangedV1(WorklogEvent):
    """A worklog was edited."""

    type: ClassVar[str] = "jira.worklog.changed.v1"


class WorklogDeletedV1(WorklogEvent):
    """A worklog is gone."""

    type: ClassVar[str] = "jira.worklog.deleted.v1"
