"""What a write tells the rest of the simulator: one happening for each webhook event it causes."""

from dataclasses import dataclass

from jira_simulator.model.issue import Attachment, Change, Comment, Issue, Link, Worklog


@dataclass(frozen=True, slots=True)
class Happening:
    """`event` is Jira's webhookEvent, `kind` its issue_event_type_name; `secondary` marks the fallout of a delete."""

    event: str
    at: int
    actor: str
    issue: Issue
    kind: str | None = None
    change: Change | None = None
    comment: Comment | None = None
    worklog: Worklog | None = None
    attachment: Attachment | None = None
    link: Link | None = None
    secondary: bool = False
