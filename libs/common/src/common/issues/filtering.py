"""Simple filters of issue lists: values come in, conditions on the mirror and their parameters go out."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, and_, any_, exists, or_, select, tuple_
from sqlalchemy.sql.expression import FromClause

from common.ids import ConnectionId
from common.issues.folding import fold
from common.issues.scope import bound, of_tenant, texts
from common.issues.tables import issue_values, issues, project_keys


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Values of one field are alternatives, fields add up; an empty field asks for nothing.

    `assignees` may hold None for "nobody". `connections` narrows what the reader passes as live connections.
    """

    connections: tuple[ConnectionId, ...] = ()
    projects: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    status_categories: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    assignees: tuple[str | None, ...] = ()
    reporters: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    sprints: tuple[str, ...] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    due_before: date | None = None

    def asked(self) -> tuple[str, ...]:
        """The fields that ask for something; statements are compiled once for each set of them."""
        names = [field.name for field in fields(self) if getattr(self, field.name) not in ((), None)]
        names = [name for name in names if name != "connections"]
        if "assignees" in names:
            names.remove("assignees")
            names += ["nobody"] if None in self.assignees else []
            names += ["somebody"] if any(self.assignees) else []
        return tuple(names)

    def parameters(self) -> dict[str, Any]:
        """The values of `conditions(self.asked())`."""
        return {name: _PARAMETERS[name](self) for name in self.asked() if name != "nobody"}


def conditions(asked: tuple[str, ...], table: FromClause = issues) -> ColumnElement[bool]:
    """The filter as one condition on the issues table."""
    parts = [_CONDITIONS[name](table) for name in asked if name not in {"nobody", "somebody"}]
    people = [_CONDITIONS[name](table) for name in asked if name in {"nobody", "somebody"}]
    return and_(True, *parts, *([or_(*people)] if people else []))


def _named(fold_column: str, id_column: str, parameter: str) -> Callable[[FromClause], ColumnElement[bool]]:
    """By name in any case, or by Jira's id."""
    return lambda table: or_(
        table.c[fold_column] == any_(texts(parameter)), table.c[id_column] == any_(texts(parameter))
    )


def _one_of(column: str, parameter: str) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda table: table.c[column] == any_(texts(parameter))


def _has_value(field: str, parameter: str) -> Callable[[FromClause], ColumnElement[bool]]:
    """Multi-value fields stand in a table of their own, because `&&` on an array is not leakproof."""
    return lambda table: exists().where(
        of_tenant(issue_values),
        issue_values.c.connection_id == table.c.connection_id,
        issue_values.c.jira_id == table.c.jira_id,
        issue_values.c.field == field,
        issue_values.c.value_fold == any_(texts(parameter)),
    )


def _in_projects(table: FromClause) -> ColumnElement[bool]:
    """By every key that the project has or had."""
    known = select(project_keys.c.connection_id, project_keys.c.project_id).where(
        of_tenant(project_keys), project_keys.c.key == any_(texts("projects"))
    )
    return tuple_(table.c.connection_id, table.c.project_id).in_(known)


_TIME = DateTime(timezone=True)

_CONDITIONS: dict[str, Callable[[FromClause], ColumnElement[bool]]] = {
    "projects": _in_projects,
    "types": _named("type_fold", "type_id", "types"),
    "statuses": _named("status_fold", "status_id", "statuses"),
    "status_categories": _one_of("status_category", "status_categories"),
    "priorities": _named("priority_fold", "priority_id", "priorities"),
    "nobody": lambda table: table.c.assignee_id.is_(None),
    "somebody": _one_of("assignee_id", "somebody"),
    "reporters": _one_of("reporter_id", "reporters"),
    "labels": _has_value("label", "labels"),
    "components": _has_value("component", "components"),
    "fix_versions": _has_value("fix_version", "fix_versions"),
    "sprints": _has_value("sprint", "sprints"),
    "created_after": lambda table: table.c.created >= bound("created_after", _TIME),
    "created_before": lambda table: table.c.created < bound("created_before", _TIME),
    "updated_after": lambda table: table.c.updated >= bound("updated_after", _TIME),
    "updated_before": lambda table: table.c.updated < bound("updated_before", _TIME),
    "due_before": lambda table: table.c.due_date < bound("due_before", Date()),
}


def _folded(name: str) -> Callable[[IssueFilter], list[str]]:
    return lambda given: sorted({fold(value) for value in getattr(given, name)})


def _as_given(name: str) -> Callable[[IssueFilter], Any]:
    def value(given: IssueFilter) -> Any:
        found = getattr(given, name)
        return sorted(set(found)) if isinstance(found, tuple) else found

    return value


_PARAMETERS: dict[str, Callable[[IssueFilter], Any]] = {
    **{name: _folded(name) for name in ("types", "statuses", "priorities")},
    **{name: _folded(name) for name in ("labels", "components", "fix_versions", "sprints")},
    **{name: _as_given(name) for name in ("status_categories", "reporters")},
    **{name: _as_given(name) for name in ("created_after", "created_before", "updated_after", "updated_before")},
    "due_before": _as_given("due_before"),
    "projects": lambda given: sorted({key.strip().upper() for key in given.projects}),
    "somebody": lambda given: sorted({person for person in given.assignees if person is not None}),
}
