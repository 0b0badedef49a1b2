"""Small parts of the one expression that reads a whole issue as JSON text."""

from typing import Any

from sqlalchemy import JSON, ColumnElement, String, and_, func, literal_column
from sqlalchemy.sql.expression import FromClause

from common.issues.tables import issues

NONE = literal_column("'[]'::json", JSON)


def of_issue(child: FromClause, issue_column: str = "issue_jira_id") -> ColumnElement[bool]:
    """Rows that hang on the issue of the outer statement."""
    return and_(
        child.c.tenant_id == issues.c.tenant_id,
        child.c.connection_id == issues.c.connection_id,
        child.c[issue_column] == issues.c.jira_id,
    )


def word(text: str) -> ColumnElement[str]:
    """A constant of ours as a literal: as parameters the names would outnumber everything else."""
    return literal_column(f"'{text}'", String)


def object_of(**members: Any) -> ColumnElement[Any]:
    """A JSON object."""
    return func.json_build_object(*(part for name, value in members.items() for part in (word(name), value)))
