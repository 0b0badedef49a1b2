"""What stands beside an issue's row: values to filter by, former keys, people, the raw answer, generations."""

from collections.abc import Collection, Mapping, Sequence

from common.db.unit_of_work import Tx
from common.issues.tables import issue_keys, issue_values, projects, users
from jira_sync.domain.snapshot import Row, Site, Snapshot
from jira_sync.store.tables import raw_issues


async def store_values(tx: Tx, site: Site, news: Sequence[Snapshot], old: Sequence[int]) -> None:
    if old:
        await tx.execute(
            tx.delete(issue_values).where(
                issue_values.c.connection_id == site.connection, issue_values.c.jira_id.in_(old)
            )
        )
    rows = [
        {**value, "connection_id": site.connection, "jira_id": snapshot.jira_id}
        for snapshot in news
        for value in snapshot.values
    ]
    await tx.insert_all(issue_values, rows)


async def store_keys(tx: Tx, site: Site, news: Sequence[Snapshot], rows: Mapping[int, Row]) -> None:
    """Every key an issue had stays an alias; one that another issue took over since leads to the later owner."""
    aliases = {key: snapshot.jira_id for snapshot in news for key in snapshot.old_keys}
    for snapshot in news:
        known = rows.get(snapshot.jira_id)
        if known is not None and known["key"] != snapshot.row["key"]:
            aliases[known["key"]] = snapshot.jira_id
    found = [{"connection_id": site.connection, "key": key, "jira_id": aliases[key]} for key in sorted(aliases)]
    await tx.upsert(issue_keys, found, key=("connection_id", "key"))


async def store_people(tx: Tx, site: Site, news: Sequence[Snapshot]) -> None:
    """People whom the list of users did not name; sorted, so that two writers never wait for each other."""
    people = {name: row for snapshot in news for name, row in snapshot.people.items()}
    rows = [{**people[name], "connection_id": site.connection} for name in sorted(people)]
    await tx.upsert(users, rows, key=("connection_id", "account_id"), update=())


async def store_raw(tx: Tx, site: Site, news: Sequence[Snapshot]) -> None:
    rows = [
        {
            "connection_id": site.connection,
            "jira_id": snapshot.jira_id,
            "body": snapshot.raw,
            "fetched_at": snapshot.observed_at,
        }
        for snapshot in news
    ]
    await tx.upsert(raw_issues, rows, key=("connection_id", "jira_id"))


async def raise_generations(tx: Tx, site: Site, project_ids: Collection[int]) -> None:
    """Last in the transaction, because every writer of a project waits here for the one before."""
    for project_id in sorted(project_ids):
        await tx.execute(
            tx.update(projects)
            .where(projects.c.connection_id == site.connection, projects.c.project_id == project_id)
            .values(generation=projects.c.generation + 1)
        )
