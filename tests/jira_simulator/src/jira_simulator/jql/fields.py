"""Names of JQL fields in, how to read them from an issue and how to resolve their values out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.tree import Value
from jira_simulator.model.catalogue import HasIdAndName, find
from jira_simulator.model.issue import Issue
from jira_simulator.model.records import Account, Project
from jira_simulator.model.site import Site


@dataclass(frozen=True, slots=True)
class Asker:
    """Everything a query's meaning depends on besides its text."""

    site: Site
    account: Account | None
    now: int

    @property
    def zone(self) -> str:
        return self.account.user.time_zone if self.account else self.site.time_zone


@dataclass(frozen=True, slots=True)
class Choice:
    """A field whose values come from a list: `read` gives the ids of an issue, `resolve` those a value means."""

    read: Callable[[Issue], Iterable[str]]
    resolve: Callable[[Asker, str, Value], set[str]]
    rank: Callable[[Asker], list[str]] | None = None


Family = Literal["date", "day", "text", "issue", "choice"]


def _unknown(field: str, value: Value) -> JqlRefused:
    return JqlRefused(f"The value '{value.text}' does not exist for the field '{field}'.")


def _no_function(field: str, value: Value) -> None:
    if value.function:
        raise JqlRefused(f"The simulator cannot evaluate the function '{value.text}()' for the field '{field}'.")


def _from(pick: Callable[[Site], Mapping[str, HasIdAndName]]) -> Callable[[Asker, str, Value], set[str]]:
    def resolve(asker: Asker, field: str, value: Value) -> set[str]:
        _no_function(field, value)
        entry = find(pick(asker.site), value.text)
        if entry is None:
            raise _unknown(field, value)
        return {entry.id}

    return resolve


def _project(asker: Asker, field: str, value: Value) -> set[str]:
    _no_function(field, value)
    found = asker.site.find_project(value.text)
    if found is None:
        folded = value.text.casefold()
        found = next((p for p in asker.site.projects.values() if p.name.casefold() == folded), None)
    if found is None or (asker.account is not None and not asker.site.sees_project(asker.account, found)):
        raise _unknown(field, value)
    return {str(found.id)}


def _user(asker: Asker, field: str, value: Value) -> set[str]:
    if value.function:
        if value.text.lower() != "currentuser" or value.arguments:
            _no_function(field, value)
        return {asker.account.user.id} if asker.account else set()
    user = asker.site.find_user(value.text)
    if user is None:
        raise _unknown(field, value)
    return {user.id}


def _resolution(asker: Asker, field: str, value: Value) -> set[str]:
    if not value.function and not value.quoted and value.text.lower() == "unresolved":
        return {""}
    return _from(lambda site: site.catalogue.resolutions)(asker, field, value)


_CATEGORY_NAMES = {"to do": "new", "in progress": "indeterminate", "done": "done", "2": "new", "4": "indeterminate"}


def _category(asker: Asker, field: str, value: Value) -> set[str]:
    _no_function(field, value)
    text = value.text.lower()
    wanted = {"3": "done"}.get(text, _CATEGORY_NAMES.get(text, text))
    if wanted not in {"new", "indeterminate", "done"}:
        raise _unknown(field, value)
    return {entry.id for entry in asker.site.catalogue.statuses.values() if entry.category == wanted}


def _label(_: Asker, field: str, value: Value) -> set[str]:
    _no_function(field, value)
    return {value.text}


def _of_projects(pick: Callable[[Project], Iterable[HasIdAndName]]) -> Callable[[Asker, str, Value], set[str]]:
    def resolve(asker: Asker, field: str, value: Value) -> set[str]:
        _no_function(field, value)
        folded = value.text.casefold()
        found = {
            entry.id
            for project in asker.site.projects.values()
            for entry in pick(project)
            if value.text == entry.id or entry.name.casefold() == folded
        }
        if not found:
            raise _unknown(field, value)
        return found

    return resolve


def _parent(asker: Asker, field: str, value: Value) -> set[str]:
    _no_function(field, value)
    issue = asker.site.find_issue(value.text)
    if issue is None or not asker.site.sees_issue(asker.account, issue):
        raise _unknown(field, value)
    return {str(issue.id)}


def _one(value: str | int | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)


CHOICES: dict[str, Choice] = {
    "project": Choice(lambda issue: (str(issue.project),), _project),
    "status": Choice(lambda issue: (issue.status,), _from(lambda site: site.catalogue.statuses)),
    "statuscategory": Choice(lambda issue: (issue.status,), _category),
    "issuetype": Choice(lambda issue: (issue.type,), _from(lambda site: site.catalogue.types)),
    "assignee": Choice(lambda issue: _one(issue.assignee), _user),
    "reporter": Choice(lambda issue: _one(issue.reporter), _user),
    "creator": Choice(lambda issue: (issue.creator,), _user),
    "priority": Choice(
        lambda issue: _one(issue.priority),
        _from(lambda site: site.catalogue.priorities),
        lambda asker: list(asker.site.catalogue.priorities)[::-1],
    ),
    "resolution": Choice(lambda issue: (issue.resolution or "",), _resolution),
    "labels": Choice(lambda issue: issue.labels, _label),
    "component": Choice(lambda issue: issue.components, _of_projects(lambda p: p.components)),
    "fixversion": Choice(lambda issue: issue.fix_versions, _of_projects(lambda p: p.versions)),
    "affectedversion": Choice(lambda issue: issue.affects_versions, _of_projects(lambda p: p.versions)),
    "parent": Choice(lambda issue: _one(issue.parent), _parent),
    "level": Choice(lambda issue: _one(issue.security), _from(lambda site: site.catalogue.levels)),
}
DATES: dict[str, Callable[[Issue], int | None]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "resolved": lambda issue: issue.resolved,
}
DAYS: dict[str, Callable[[Issue], str | None]] = {"due": lambda issue: issue.due}
TEXTS: dict[str, Callable[[Issue], str]] = {
    "summary": lambda issue: issue.summary,
    "description": lambda issue: issue.description.plain() if issue.description else "",
    "environment": lambda issue: issue.environment.plain() if issue.environment else "",
    "comment": lambda issue: "\n".join(comment.body.plain() for comment in issue.comments),
}
_SEARCHED = ("summary", "description", "environment", "comment")
TEXTS["text"] = lambda issue: "\n".join(TEXTS[name](issue) for name in _SEARCHED)

ALIASES = {
    "type": "issuetype",
    "key": "issuekey",
    "id": "issuekey",
    "issue": "issuekey",
    "createddate": "created",
    "updateddate": "updated",
    "resolutiondate": "resolved",
    "resolveddate": "resolved",
    "duedate": "due",
    "label": "labels",
    "components": "component",
    "fixversions": "fixversion",
    "affectsversion": "affectedversion",
    "security": "level",
}


def canonical(name: str) -> str:
    lowered = name.lower()
    return ALIASES.get(lowered, lowered)
