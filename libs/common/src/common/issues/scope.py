"""The conditions that every read of the mirror begins with: this tenant's rows, of these, what the viewer may see."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.expression import FromClause

from common.issues.tables import issues


def bound(name: str, type_: Any) -> BindParameter[Any]:
    """A named parameter; the same name may stand in a statement many times."""
    return bindparam(name, type_=type_)


def texts(name: str) -> BindParameter[Any]:
    """A parameter that is a list of texts."""
    return bindparam(name, type_=ARRAY(Text()))


def uuids(name: str) -> BindParameter[Any]:
    """A parameter that is a list of uuids."""
    return bindparam(name, type_=ARRAY(Uuid()))


def of_tenant(table: FromClause) -> ColumnElement[bool]:
    """Rows of the tenant `:tenant`; given as a value too because the planner needs it for its statistics."""
    condition: ColumnElement[bool] = table.c.tenant_id == bound("tenant", Uuid())
    return condition


def _pairs(connection: str, value: str, type_: Any) -> Select[Any]:
    """Two lists of equal length as rows of a connection and a value of it."""
    listed = func.unnest(uuids(connection), bindparam(value, type_=ARRAY(type_)))
    rows = listed.table_valued(column("connection_id", Uuid()), column("value", type_)).render_derived()
    # no tenant: these rows are the caller's own parameters.
    return select(rows.c.connection_id, rows.c.value)


def in_seen_projects(table: FromClause, reach: str = "mixed") -> ColumnElement[bool]:
    """Rows of the whole connections `:whole` or of the projects `:project_connections`, `:projects_seen`.

    `reach` leaves out the half that is empty, because an OR keeps the planner from using it for an index.
    """
    whole: ColumnElement[bool] = table.c.connection_id == any_(uuids("whole"))
    if reach == "whole":
        return whole
    pairs = _pairs("project_connections", "projects_seen", BigInteger())
    some = tuple_(table.c.connection_id, table.c.project_id).in_(pairs)
    return some if reach == "some" else or_(whole, some)


def may_see_issue(table: FromClause, reach: str = "mixed") -> ColumnElement[bool]:
    """Issues that are there, in a project that is seen, and whose security level, if any, is held in its connection."""
    levels = _pairs("level_connections", "levels_seen", Text())
    return and_(
        table.c.deleted_at.is_(None),
        in_seen_projects(table, reach),
        or_(table.c.security_level_id.is_(None), tuple_(table.c.connection_id, table.c.security_level_id).in_(levels)),
    )


def may_see_child(table: FromClause) -> ColumnElement[bool]:
    """Comments and worklogs for everybody, or of a visibility that is held in their connection."""
    classes = _pairs("class_connections", "classes_seen", Text())
    return or_(table.c.visibility.is_(None), tuple_(table.c.connection_id, table.c.visibility).in_(classes))


def is_covered(prints: ColumnElement[str]) -> ColumnElement[bool]:
    """What `Access.covers` says, in Postgres: `:prints` are all of the viewer's, the column holds those of a file."""
    kept = func.string_to_array(prints, " ", type_=ARRAY(Text()))
    return and_(prints != "", kept.op("<@", is_comparison=True)(texts("prints")))


def issue_is_visible(connection_id: Any, jira_id: Any) -> ColumnElement[bool]:
    """Whether another issue of a connection (a parent, a linked one) is in the mirror and may be seen."""
    other = issues.alias("other")
    return exists().where(
        of_tenant(other),
        other.c.connection_id == connection_id,
        other.c.jira_id == jira_id,
        may_see_issue(other),
    )
