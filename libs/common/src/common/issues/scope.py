"""The conditions that every read of the mirror begins with: this tenant's rows, of these, what the viewer may see."""

from typing import Any

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Text, Uuid, and_, any_, bindparam, exists, or_
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


def may_see_issue(table: FromClause) -> ColumnElement[bool]:
    """Issues that are there and whose security level, if any, is one of `:levels`."""
    return and_(
        table.c.deleted_at.is_(None),
        or_(table.c.security_level_id.is_(None), table.c.security_level_id == any_(texts("levels"))),
    )


def may_see_child(table: FromClause) -> ColumnElement[bool]:
    """Comments and worklogs for everybody, or of a visibility in `:classes`."""
    return or_(table.c.visibility.is_(None), table.c.visibility == any_(texts("classes")))


def in_live_connections(table: FromClause) -> ColumnElement[bool]:
    """Rows of the connections `:connections`, which the caller has found to be there."""
    condition: ColumnElement[bool] = table.c.connection_id == any_(uuids("connections"))
    return condition


def issue_is_visible(connection_id: Any, jira_id: Any) -> ColumnElement[bool]:
    """Whether another issue of a connection (a parent, a linked one) is in the mirror and may be seen."""
    other = issues.alias("other")
    return exists().where(
        of_tenant(other),
        other.c.connection_id == connection_id,
        other.c.jira_id == jira_id,
        may_see_issue(other),
    )
