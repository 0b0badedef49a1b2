"""What a channel name means to a viewer: lean reads of the mirror; nothing found is the same as not allowed."""

from uuid import UUID

from sqlalchemy import Column, MetaData, Table, Text, Uuid, exists, select
from sqlalchemy.sql.expression import ColumnElement, FromClause

from common.db.reading import Reader, compile_read
from common.issues.access import Access
from common.issues.scope import bound, is_covered, may_see_issue, of_tenant
from common.issues.tables import connections, issues, project_keys, projects

#: The columns of `exports.jobs` that this service may read.
_jobs = Table(
    "jobs",
    MetaData(schema="exports"),
    Column("tenant_id", Uuid, primary_key=True),
    Column("export_id", Uuid, primary_key=True),
    Column("access", Text),
)


def _is_live(table: FromClause) -> ColumnElement[bool]:
    return exists().where(
        of_tenant(connections),
        connections.c.connection_id == table.c.connection_id,
        connections.c.deleted_at.is_(None),
    )


_CONNECTION = compile_read(
    select(connections.c.connection_id).where(
        of_tenant(connections),
        connections.c.connection_id == bound("connection", Uuid()),
        connections.c.deleted_at.is_(None),
    )
)
_PROJECT = compile_read(
    select(projects.c.project_id).where(
        of_tenant(projects),
        projects.c.connection_id == bound("connection", Uuid()),
        projects.c.key == bound("key", Text()),
        projects.c.state != "access_lost",
        _is_live(projects),
    )
)
_FORMER_PROJECT = compile_read(
    select(projects.c.project_id)
    .join(
        project_keys,
        (project_keys.c.tenant_id == projects.c.tenant_id)
        & (project_keys.c.connection_id == projects.c.connection_id)
        & (project_keys.c.project_id == projects.c.project_id),
    )
    .where(
        of_tenant(projects),
        of_tenant(project_keys),
        project_keys.c.connection_id == bound("connection", Uuid()),
        project_keys.c.key == bound("key", Text()),
        projects.c.state != "access_lost",
        _is_live(projects),
    )
)
_ISSUE = compile_read(
    select(issues.c.jira_id).where(
        of_tenant(issues), issues.c.issue_id == bound("issue", Uuid()), may_see_issue(issues)
    )
)
_EXPORT = compile_read(
    select(_jobs.c.export_id).where(
        of_tenant(_jobs), _jobs.c.export_id == bound("export", Uuid()), is_covered(_jobs.c.access)
    )
)


async def find_connection(reader: Reader, connection: UUID) -> bool:
    """Whether the tenant has this connection."""
    return await reader.fetchval(_CONNECTION, tenant=reader.tenant, connection=connection) is not None


async def find_project(reader: Reader, connection: UUID, key: str) -> str | None:
    """Jira's numeric id of the project that has this key, else of the one that had it."""
    found = await reader.fetchval(_PROJECT, tenant=reader.tenant, connection=connection, key=key)
    if found is None:
        found = await reader.fetchval(_FORMER_PROJECT, tenant=reader.tenant, connection=connection, key=key)
    return None if found is None else str(found)


async def find_issue(reader: Reader, issue: UUID, access: Access) -> bool:
    """Whether there is an issue that the viewer may see."""
    given = {**access.parameters(), "issue": issue}
    return await reader.fetchval(_ISSUE, **_ISSUE.only(given)) is not None


async def find_export(reader: Reader, export: UUID, access: Access) -> bool:
    """Whether there is an export made with exactly what the viewer may see."""
    found = await reader.fetchval(_EXPORT, tenant=reader.tenant, export=export, prints=access.prints())
    return found is not None
