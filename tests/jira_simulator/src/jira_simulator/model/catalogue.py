"""The lists an administrator keeps: statuses, types, priorities, fields and their look-up by id or name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from jira_simulator.model.records import (
    FieldDef,
    IssueType,
    LinkType,
    Named,
    Option,
    Personality,
    Sprint,
    Status,
)


class HasIdAndName(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=HasIdAndName)


def by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.id: entry for entry in entries}


def find(entries: Mapping[str, Entry], wanted: str) -> Entry | None:
    """By id first, then by name without regard to case."""
    if wanted in entries:
        return entries[wanted]
    folded = wanted.casefold()
    return next((entry for entry in entries.values() if entry.name.casefold() == folded), None)


@dataclass(slots=True)
class Catalogue:
    statuses: dict[str, Status] = field(default_factory=dict)
    types: dict[str, IssueType] = field(default_factory=dict)
    priorities: dict[str, Named] = field(default_factory=dict)
    resolutions: dict[str, Named] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    levels: dict[str, Named] = field(default_factory=dict)
    fields: dict[str, FieldDef] = field(default_factory=dict)
    sprints: dict[int, Sprint] = field(default_factory=dict)

    def field_of_kind(self, kind: str) -> FieldDef | None:
        return next((entry for entry in self.fields.values() if entry.kind == kind), None)


_SYSTEM_FIELDS = (
    ("summary", "Summary", "string", ("summary",)),
    ("issuetype", "Issue Type", "issuetype", ("issuetype", "type")),
    ("project", "Project", "project", ("project",)),
    ("status", "Status", "status", ("status",)),
    ("priority", "Priority", "priority", ("priority",)),
    ("resolution", "Resolution", "resolution", ("resolution",)),
    ("assignee", "Assignee", "user", ("assignee",)),
    ("reporter", "Reporter", "user", ("reporter",)),
    ("creator", "Creator", "user", ("creator",)),
    ("created", "Created", "datetime", ("created", "createdDate")),
    ("updated", "Updated", "datetime", ("updated", "updatedDate")),
    ("resolutiondate", "Resolved", "datetime", ("resolutiondate", "resolved")),
    ("duedate", "Due date", "date", ("due", "duedate")),
    ("labels", "Labels", "array:string", ("labels",)),
    ("components", "Components", "array:component", ("component",)),
    ("fixVersions", "Fix versions", "array:version", ("fixVersion",)),
    ("versions", "Affects versions", "array:version", ("affectedVersion",)),
    ("description", "Description", "string", ("description",)),
    ("environment", "Environment", "string", ("environment",)),
    ("comment", "Comment", "comments-page", ("comment",)),
    ("worklog", "Log Work", "array:worklog", ()),
    ("attachment", "Attachment", "array:attachment", ("attachments",)),
    ("issuelinks", "Linked Issues", "array:issuelinks", ()),
    ("subtasks", "Sub-tasks", "array:issuelinks", ("subtasks",)),
    ("parent", "Parent", "issuelink", ("parent",)),
    ("security", "Security Level", "securitylevel", ("level",)),
    ("timetracking", "Time tracking", "timetracking", ()),
    ("timeoriginalestimate", "Original estimate", "number", ("originalEstimate", "timeoriginalestimate")),
    ("timeestimate", "Remaining Estimate", "number", ("remainingEstimate", "timeestimate")),
    ("timespent", "Time Spent", "number", ("timespent",)),
    ("votes", "Votes", "votes", ("votes",)),
    ("watches", "Watchers", "watches", ("watchers",)),
)

# The custom fields of each personality: numbers differ, and so does what an epic or a sprint looks like.
_CUSTOM = {
    Personality.CLOUD: (
        (10019, "Rank", "rank"),
        (10020, "Sprint", "sprint"),
        (10016, "Story Points", "number"),
        (10030, "Severity", "option"),
        (10031, "Platforms", "options"),
        (10032, "Customer note", "textarea"),
        (10033, "External reference", "text"),
        (10034, "Reviewer", "user"),
        (10035, "Target start", "date"),
        (10036, "Go live", "datetime"),
        (10037, "Severity", "text"),
        (10040, "Team mood", "option"),
    ),
    Personality.DATACENTER: (
        (10100, "Epic Link", "epic"),
        (10101, "Epic Name", "text"),
        (10103, "Rank", "rank"),
        (10104, "Sprint", "sprint"),
        (10106, "Story Points", "number"),
        (10200, "Severity", "option"),
        (10201, "Platforms", "options"),
        (10202, "Customer note", "textarea"),
        (10203, "External reference", "text"),
        (10204, "Reviewer", "user"),
        (10205, "Target start", "date"),
        (10206, "Go live", "datetime"),
    ),
}
# Exists in one project (Mobile App of Cloud) and is missing from `/field`.
_PROJECT_ONLY = {"Team mood": 10_001}
_OPTIONS = {
    "Severity": ("Critical", "Major", "Minor", "Cosmetic"),
    "Team mood": ("Sunny", "Cloudy", "Stormy"),
    "Platforms": ("Windows", "macOS", "Linux", "Android", "iOS"),
}


def custom_field(number: int, name: str, kind: str, options: tuple[Option, ...] = ()) -> FieldDef:
    return FieldDef(f"customfield_{number}", name, kind, (f"cf[{number}]", name), options)


def system_fields() -> dict[str, FieldDef]:
    return {field_id: FieldDef(field_id, name, kind, clauses) for field_id, name, kind, clauses in _SYSTEM_FIELDS}


def _standard_fields(personality: Personality) -> dict[str, FieldDef]:
    fields = system_fields()
    for number, name, kind in _CUSTOM[personality]:
        values = _OPTIONS.get(name, ()) if kind.startswith("option") else ()
        options = tuple(Option(str(number * 10 + place), value) for place, value in enumerate(values))
        entry = custom_field(number, name, kind, options)
        if name in _PROJECT_ONLY:
            entry = replace(entry, project_only=_PROJECT_ONLY[name])
        fields[entry.id] = entry
    return fields


_STATUSES = (
    Status("1", "Open", "new"),
    Status("10000", "To Do", "new"),
    Status("3", "In Progress", "indeterminate"),
    Status("10001", "In Review", "indeterminate"),
    Status("10002", "Blocked", "indeterminate"),
    Status("4", "Reopened", "new"),
    Status("5", "Resolved", "done"),
    Status("6", "Closed", "done"),
)


def standard_catalogue(personality: Personality) -> Catalogue:
    """What the generator works with; loaders bring their own lists."""
    return Catalogue(
        statuses=by_id(_STATUSES),
        types=by_id(
            (
                IssueType("10000", "Epic", 1, "A big piece of work that holds other issues."),
                IssueType("10001", "Story", 0, "Something a user wants."),
                IssueType("10002", "Task", 0, "A piece of work to be done."),
                IssueType("10004", "Bug", 0, "A problem which impairs the product."),
                IssueType("10003", "Sub-task", -1, "A part of a bigger issue."),
            )
        ),
        priorities=by_id(
            Named(str(place), name) for place, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), 1)
        ),
        resolutions=by_id(
            (
                Named("10000", "Done", "Work has been completed."),
                Named("10001", "Won't Do", "This will not be worked on."),
                Named("10002", "Duplicate", "There is another issue for it."),
                Named("10003", "Cannot Reproduce", "It could not be seen again."),
            )
        ),
        link_types=by_id(
            (
                LinkType("10000", "Blocks", "is blocked by", "blocks"),
                LinkType("10001", "Cloners", "is cloned by", "clones"),
                LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
                LinkType("10003", "Relates", "relates to", "relates to"),
            )
        ),
        levels=by_id(
            (
                Named("10020", "Internal", "Employees only."),
                Named("10021", "Confidential", "The security team only."),
            )
        ),
        fields=_standard_fields(personality),
    )
