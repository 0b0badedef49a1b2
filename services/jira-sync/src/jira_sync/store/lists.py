"""Projects, users and the small lists of a site: replaced by what Jira has now, never emptied before."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Table

from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from common.issues.tables import catalogue, issues, project_keys, projects, users
from jira_sync.domain.list_mapping import site_lists
from jira_sync.domain.snapshot import Row, SiteLists
from jira_sync.store.tables import sync_streams


async def store_projects(tx: Tx, connection: ConnectionId, rows: Sequence[Row], keys: Sequence[Row]) -> None:
    """Projects as the account sees them now; one that it no longer sees keeps its issues and says so."""
    await _upsert(tx, projects, connection, rows, ("project_id",))
    await _upsert(tx, project_keys, connection, keys, ("key",))
    seen = [row["project_id"] for row in rows]
    await tx.execute(
        tx.update(projects)
        .where(projects.c.connection_id == connection, projects.c.project_id.not_in(seen))
        .values(state="access_lost")
    )


async def store_catalogue(tx: Tx, connection: ConnectionId, rows: Sequence[Row], kinds: Collection[str]) -> None:
    """The entries of these kinds; what Jira no longer has goes, after the rest is there."""
    await _upsert(tx, catalogue, connection, rows, ("kind", "jira_id"))
    for kind in sorted(kinds):
        ids = [row["jira_id"] for row in rows if row["kind"] == kind]
        await tx.execute(
            tx.delete(catalogue).where(
                catalogue.c.connection_id == connection, catalogue.c.kind == kind, catalogue.c.jira_id.not_in(ids)
            )
        )


async def store_users(tx: Tx, connection: ConnectionId, rows: Sequence[Row]) -> None:
    """People of the site; those whom no list names any more stay, because old issues name them."""
    ordered = sorted(rows, key=lambda row: str(row["account_id"]))
    await _upsert(tx, users, connection, ordered, ("account_id",))


async def get_site_lists(tx: Tx, connection: ConnectionId) -> SiteLists:
    """What mapping needs of the catalogue."""
    found = await tx.execute(
        tx.select(catalogue).where(catalogue.c.connection_id == connection, catalogue.c.kind.in_(("field", "priority")))
    )
    return site_lists(dict(row) for row in found.mappings())


async def list_project_keys(tx: Tx, connection: ConnectionId) -> list[tuple[int, str]]:
    """Projects that can be read, by id and present key."""
    found = await tx.execute(
        tx.select(projects, projects.c.project_id, projects.c.key)
        .where(projects.c.connection_id == connection, projects.c.state.in_(("live", "archived")))
        .order_by(projects.c.project_id)
    )
    return [(row.project_id, row.key) for row in found]


async def _upsert(tx: Tx, table: Table, connection: ConnectionId, rows: Sequence[Row], key: tuple[str, ...]) -> None:
    owned: list[dict[str, Any]] = [{**row, "connection_id": connection} for row in rows]
    await tx.upsert(table, owned, key=("connection_id", *key))


async def list_lost_projects(tx: Tx, connection: ConnectionId) -> list[tuple[int, str]]:
    """Projects that the account no longer sees and that still have issues in the mirror."""
    live = (
        tx.select(issues, issues.c.jira_id)
        .where(
            issues.c.connection_id == connection,
            issues.c.project_id == projects.c.project_id,
            issues.c.deleted_at.is_(None),
        )
        .exists()
    )
    found = await tx.execute(
        tx.select(projects, projects.c.project_id, projects.c.key).where(
            projects.c.connection_id == connection, projects.c.state == "access_lost", live
        )
    )
    return [(row.project_id, row.key) for row in found]


async def list_project_issues(tx: Tx, connection: ConnectionId, project_id: int, *, limit: int) -> list[int]:
    """Some live issues of a project."""
    found = await tx.execute(
        tx.select(issues, issues.c.jira_id)
        .where(
            issues.c.connection_id == connection,
            issues.c.project_id == project_id,
            issues.c.deleted_at.is_(None),
        )
        .limit(limit)
    )
    return [row.jira_id for row in found]


async def list_live_ids(tx: Tx, connection: ConnectionId, project_id: int) -> set[int]:
    """Every issue that the mirror shows in a project."""
    found = await tx.execute(
        tx.select(issues, issues.c.jira_id).where(
            issues.c.connection_id == connection,
            issues.c.project_id == project_id,
            issues.c.deleted_at.is_(None),
        )
    )
    return {row.jira_id for row in found}


async def narrow_scope(tx: Tx, connection: ConnectionId, keys: Sequence[str] | None) -> None:
    """Projects that left the scope: their backfill is forgotten, so that they are read anew when they come back."""
    if keys is None:
        return
    out = tx.select(projects, projects.c.project_id).where(
        projects.c.connection_id == connection, projects.c.key.not_in(keys)
    )
    await tx.execute(
        tx.delete(sync_streams).where(sync_streams.c.connection_id == connection, sync_streams.c.project_id.in_(out))
    )
