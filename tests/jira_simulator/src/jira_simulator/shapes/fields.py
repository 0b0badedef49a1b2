"""One function for each field of an issue: the issue in, the value as Jira answers it out."""

from collections.abc import Callable
from typing import Any

from jira_simulator.model.issue import Issue
from jira_simulator.model.records import FieldDef
from jira_simulator.model.times import duration_text
from jira_simulator.shapes.lists import (
    component_json,
    level_json,
    priority_json,
    project_ref_json,
    resolution_json,
    sprint_value,
    status_json,
    type_json,
    user_of,
    version_json,
)
from jira_simulator.shapes.parts import attachment_json, comment_json, issue_ref_json, link_json, worklog_json
from jira_simulator.shapes.view import Json, View
from jira_simulator.text.document import Text

_WORKLOGS_SHOWN = 20
Reader = Callable[[View, Issue], Any]


def _versions(view: View, issue: Issue, wanted: tuple[str, ...]) -> list[Json]:
    known = {entry.id: entry for entry in view.site.projects[issue.project].versions}
    return [version_json(view, known[entry]) for entry in wanted if entry in known]


def _components(view: View, issue: Issue) -> list[Json]:
    known = {entry.id: entry for entry in view.site.projects[issue.project].components}
    return [component_json(view, known[entry]) for entry in issue.components if entry in known]


def _comments(view: View, issue: Issue) -> Json:
    shown = view.site.visible_comments(view.account, issue)
    return {
        "comments": [comment_json(view, issue, comment) for comment in shown],
        "self": f"{view.api}/issue/{issue.id}/comment",
        "maxResults": len(shown),
        "total": len(shown),
        "startAt": 0,
    }


def _worklogs(view: View, issue: Issue) -> Json:
    shown = view.site.visible_worklogs(view.account, issue)
    return {
        "startAt": 0,
        "maxResults": _WORKLOGS_SHOWN,
        "total": len(shown),
        "worklogs": [worklog_json(view, issue, entry) for entry in shown[:_WORKLOGS_SHOWN]],
    }


def _parent(view: View, issue: Issue) -> Json | None:
    parent = None if issue.parent is None else view.site.issues.get(issue.parent)
    if parent is None or not view.site.sees_issue(view.account, parent):
        return None
    if not view.site.cloud and not view.site.catalogue.types[issue.type].subtask:
        return None
    return issue_ref_json(view, parent)


def _subtasks(view: View, issue: Issue) -> list[Json]:
    site = view.site
    children = (site.issues[child] for child in site.children.get(issue.id, ()))
    return [
        issue_ref_json(view, child)
        for child in children
        if site.catalogue.types[child.type].subtask and site.sees_issue(view.account, child)
    ]


def _time_tracking(_: View, issue: Issue) -> Json:
    shape: Json = {}
    for name, seconds in (
        ("originalEstimate", issue.original_estimate),
        ("remainingEstimate", issue.remaining),
        ("timeSpent", issue.spent or None),
    ):
        if seconds is not None:
            shape |= {name: duration_text(seconds), name + "Seconds": seconds}
    return shape


def _votes(view: View, issue: Issue) -> Json:
    return {"self": f"{view.api}/issue/{issue.key}/votes", "votes": len(issue.voters), "hasVoted": False}


def _watches(view: View, issue: Issue) -> Json:
    return {"self": f"{view.api}/issue/{issue.key}/watchers", "watchCount": len(issue.watchers), "isWatching": False}


def _progress(_: View, issue: Issue) -> Json:
    total = issue.spent + (issue.remaining or 0)
    shape: Json = {"progress": issue.spent, "total": total}
    return shape | ({"percent": issue.spent * 100 // total} if total else {})


def _entry(shape: Callable[[View, Any], Json], entries: str, value: str) -> Reader:
    def read(view: View, issue: Issue) -> Json | None:
        chosen = getattr(issue, value)
        return None if chosen is None else shape(view, getattr(view.site.catalogue, entries)[chosen])

    return read


READERS: dict[str, Reader] = {
    "summary": lambda _, issue: issue.summary,
    "issuetype": _entry(type_json, "types", "type"),
    "project": lambda view, issue: project_ref_json(view, view.site.projects[issue.project]),
    "status": _entry(status_json, "statuses", "status"),
    "priority": _entry(priority_json, "priorities", "priority"),
    "resolution": _entry(resolution_json, "resolutions", "resolution"),
    "assignee": lambda view, issue: user_of(view, issue.assignee),
    "reporter": lambda view, issue: user_of(view, issue.reporter),
    "creator": lambda view, issue: user_of(view, issue.creator),
    "created": lambda view, issue: view.time(issue.created),
    "updated": lambda view, issue: view.time(issue.updated),
    "resolutiondate": lambda view, issue: None if issue.resolved is None else view.time(issue.resolved),
    "duedate": lambda _, issue: issue.due,
    "labels": lambda _, issue: list(issue.labels),
    "components": _components,
    "fixVersions": lambda view, issue: _versions(view, issue, issue.fix_versions),
    "versions": lambda view, issue: _versions(view, issue, issue.affects_versions),
    "description": lambda view, issue: view.text(issue.description),
    "environment": lambda view, issue: view.text(issue.environment),
    "comment": _comments,
    "worklog": _worklogs,
    "attachment": lambda view, issue: [attachment_json(view, entry) for entry in issue.attachments],
    "issuelinks": lambda view, issue: [s for link in issue.links if (s := link_json(view, link)) is not None],
    "subtasks": _subtasks,
    "parent": _parent,
    "security": _entry(level_json, "levels", "security"),
    "timetracking": _time_tracking,
    "timeoriginalestimate": lambda _, issue: issue.original_estimate,
    "timeestimate": lambda _, issue: issue.remaining,
    "timespent": lambda _, issue: issue.spent or None,
    "aggregatetimespent": lambda _, issue: issue.spent or None,
    "progress": _progress,
    "votes": _votes,
    "watches": _watches,
    "workratio": lambda _, __: -1,
}
NOT_NAVIGABLE = frozenset({"comment", "worklog", "attachment", "timetracking"})
# A field without a value that Jira leaves out instead of answering null.
LEFT_OUT_WHEN_EMPTY = frozenset({"parent"})


def belongs(field: FieldDef | None, issue: Issue) -> bool:
    return field is None or field.project_only is None or field.project_only == issue.project


def custom_json(view: View, field: FieldDef, issue: Issue) -> Any:
    if field.kind == "rank":
        return issue.rank
    value = issue.custom.get(field.id)
    if value is None:
        return None
    if field.kind in {"option", "options"}:
        return _options(view, field, value)
    if field.kind == "user":
        return user_of(view, value)
    if field.kind == "sprint":
        sprints = view.site.catalogue.sprints
        return [sprint_value(view, sprints[entry]) for entry in value if entry in sprints]
    if field.kind == "epic":
        epic = view.site.issues.get(value)
        return epic.key if epic else None
    if field.kind == "datetime":
        return view.time(value)
    return view.text(value) if isinstance(value, Text) else value


def _options(view: View, field: FieldDef, value: Any) -> Any:
    values = {option.id: option.value for option in field.options}

    def shape(option: str) -> Json:
        return {
            "self": f"{view.api}/customFieldOption/{option}",
            "value": values.get(option, option),
            "id": option,
        } | ({} if view.site.cloud else {"disabled": False})

    return shape(value) if field.kind == "option" else [shape(entry) for entry in value]
