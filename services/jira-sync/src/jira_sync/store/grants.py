"""Rows of jira.grants: added once, listed with the names of what they grant, removed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text, and_, case, cast, func, literal_column, null, select, union
from sqlalchemy.dialects import postgresql

from common.contracts.sync import GrantsChangedV1
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, UserId, new_id, public_id
from common.issues.tables import comments, grants, issues, project_keys, projects, worklogs
from jira_sync.domain.grants import Grant, GrantExists, Wanted


async def add_grant(tx: Tx, connection: ConnectionId, what: Wanted, *, by: UserId, at: datetime) -> Grant:
    """Raises `GrantExists` with the id of the same grant."""
    grant = Grant(new_id(), what, at, by)
    statement = (
        postgresql.insert(grants)
        .values(
            tenant_id=tx.tenant,
            connection_id=connection,
            grant_id=grant.id,
            subject_kind=what.subject_kind,
            subject=what.subject,
            kind=what.kind,
            value=what.value,
            created_at=at,
            created_by=by,
        )
        .on_conflict_do_nothing()
    )
    if await tx.affected(statement) == 1:
        return grant
    same = and_(*(grants.c[name] == getattr(what, name) for name in Wanted.__dataclass_fields__))
    found = await tx.execute(tx.select(grants, grants.c.grant_id).where(grants.c.connection_id == connection, same))
    known = found.scalar_one_or_none()
    raise GrantExists(extra={} if known is None else {"grant_id": public_id("gra", known)})


async def list_grants(tx: Tx, connection: ConnectionId, grant: UUID | None = None) -> list[Grant]:
    """All of a connection, or one, oldest first."""
    number = cast(func.nullif(grants.c.value, "*"), BigInteger)
    project = (
        select(projects.c.key)
        .where(
            projects.c.tenant_id == grants.c.tenant_id,
            projects.c.connection_id == grants.c.connection_id,
            projects.c.project_id == case((grants.c.kind == "project", number), else_=null()),
        )
        .scalar_subquery()
    )
    level = (
        select(func.max(issues.c.security_level_name))
        .where(
            issues.c.tenant_id == grants.c.tenant_id,
            issues.c.connection_id == grants.c.connection_id,
            issues.c.security_level_id == case((grants.c.kind == "level", grants.c.value), else_=null()),
        )
        .scalar_subquery()
    )
    wanted = tx.select(grants, grants, func.coalesce(project, level).label("name")).where(
        grants.c.connection_id == connection
    )
    if grant is not None:
        wanted = wanted.where(grants.c.grant_id == grant)
    rows = (await tx.execute(wanted.order_by(grants.c.created_at, grants.c.grant_id))).mappings()
    return [
        Grant(
            row["grant_id"],
            Wanted(row["subject_kind"], row["subject"], row["kind"], row["value"]),
            row["created_at"],
            row["created_by"],
            row["name"],
        )
        for row in rows
    ]


async def count_grants(tx: Tx, connection: ConnectionId) -> int:
    """How many a connection has."""
    found = await tx.execute(tx.select(grants, func.count()).where(grants.c.connection_id == connection))
    return int(found.scalar_one())


async def remove_grant(tx: Tx, connection: ConnectionId, grant: UUID) -> bool:
    """False when there is none."""
    return (
        await tx.affected(tx.delete(grants).where(grants.c.connection_id == connection, grants.c.grant_id == grant)) > 0
    )


async def find_project(tx: Tx, connection: ConnectionId, name: str) -> int | None:
    """Jira's id of the project that has or had this key, or has this id."""
    by_key = tx.select(project_keys, project_keys.c.project_id).where(
        project_keys.c.connection_id == connection, project_keys.c.key == name
    )
    found: int | None = (await tx.execute(by_key)).scalar_one_or_none()
    if found is None and name.isascii() and name.isdigit() and len(name) < 19:
        by_id = tx.select(projects, projects.c.project_id).where(
            projects.c.connection_id == connection, projects.c.project_id == int(name)
        )
        found = (await tx.execute(by_id)).scalar_one_or_none()
    return found


async def list_levels(tx: Tx, connection: ConnectionId) -> Sequence[tuple[str, str | None]]:
    """Ids and names of the security levels that issues have."""
    rows = await tx.execute(
        tx.select(issues, issues.c.security_level_id, func.max(issues.c.security_level_name).label("name"))
        .where(issues.c.connection_id == connection, issues.c.security_level_id.is_not(None))
        .group_by(issues.c.security_level_id)
        .order_by(func.max(issues.c.security_level_name), issues.c.security_level_id)
    )
    return [(row["security_level_id"], row["name"]) for row in rows.mappings()]


async def list_classes(tx: Tx, connection: ConnectionId) -> list[str]:
    """The visibilities that comments and worklogs have."""
    both = union(
        *(
            tx.select(table, table.c.visibility).where(
                table.c.connection_id == connection, table.c.visibility.is_not(None)
            )
            for table in (comments, worklogs)
        )
    )
    rows = await tx.execute(both.order_by(literal_column("1", Text)))
    return [row[0] for row in rows]


async def tell_grants_changed(tx: Tx, connection: ConnectionId, *, at: datetime) -> None:
    """Whoever derived something from the grants of a connection has to look again."""
    event = GrantsChangedV1(connection_id=public_id("con", connection), at=at)
    await tx.emit(event, connection_id=connection, kind="grants", object_id=connection)
