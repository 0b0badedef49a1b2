"""Comments, worklogs, history, attachments and links of issues: what the mirror has, and what of it changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, tuple_

from common.db.unit_of_work import Tx
from common.issues.tables import attachments, comments, history, links, worklogs
from jira_sync.domain.changes import CollectionDiff, collection_diff
from jira_sync.domain.snapshot import COLLECTIONS, Row, Site, Snapshot

TABLES: Mapping[str, Table] = {
    "comments": comments,
    "worklogs": worklogs,
    "history": history,
    "attachments": attachments,
    "links": links,
}
#: Rows by issue, then by their own key.
Known = Mapping[str, Mapping[int, Mapping[Any, Row]]]


def entry_key(name: str, row: Row) -> Any:
    """What identifies an entry inside its issue."""
    return (row["jira_id"], row["direction"]) if name == "links" else row["jira_id"]


async def known_collections(tx: Tx, site: Site, ids: Sequence[int]) -> Known:
    """All entries of these issues."""
    return {name: await _known(tx, site, name, ids) for name in COLLECTIONS}


async def _known(tx: Tx, site: Site, name: str, ids: Sequence[int]) -> dict[int, dict[Any, Row]]:
    table = TABLES[name]
    found: dict[int, dict[Any, Row]] = {jira_id: {} for jira_id in ids}
    if ids:
        rows = await tx.execute(
            tx.select(table).where(table.c.connection_id == site.connection, table.c.issue_jira_id.in_(ids))
        )
        for row in rows.mappings():
            entry = dict(row)
            found[row["issue_jira_id"]][entry_key(name, entry)] = entry
    return found


async def store_collections(
    tx: Tx, site: Site, news: Sequence[Snapshot], known: Known
) -> dict[int, dict[str, CollectionDiff]]:
    """Writes what differs, by issue and collection; a collection that is not known this time stays."""
    diffs: dict[int, dict[str, CollectionDiff]] = {snapshot.jira_id: {} for snapshot in news}
    for name in COLLECTIONS:
        for snapshot in news:
            rows = snapshot.collection(name)
            if rows is not None:
                old = known[name].get(snapshot.jira_id, {})
                diffs[snapshot.jira_id][name] = collection_diff(old, {entry_key(name, row): row for row in rows})
        await _write(tx, site, name, {jira_id: entry[name] for jira_id, entry in diffs.items() if name in entry})
    return diffs


async def _write(tx: Tx, site: Site, name: str, diffs: Mapping[int, CollectionDiff]) -> None:
    table = TABLES[name]
    rows = [
        {**row, "connection_id": site.connection, "issue_jira_id": jira_id}
        for jira_id, diff in diffs.items()
        for row in (*diff.added, *diff.changed)
    ]
    key = (
        ("connection_id", "issue_jira_id", "jira_id", "direction") if name == "links" else ("connection_id", "jira_id")
    )
    await tx.upsert(table, rows, key=key)
    for jira_id, diff in diffs.items():
        if diff.gone:
            await tx.execute(
                tx.delete(table).where(
                    table.c.connection_id == site.connection,
                    table.c.issue_jira_id == jira_id,
                    _is_one_of(name, table, diff.gone),
                )
            )


def _is_one_of(name: str, table: Table, rows: Sequence[Row]) -> ColumnElement[bool]:
    """A link of an issue with itself has two sides under one id; all other entries have an id of their own."""
    if name == "links":
        return tuple_(table.c.jira_id, table.c.direction).in_([(row["jira_id"], row["direction"]) for row in rows])
    return table.c.jira_id.in_([row["jira_id"] for row in rows])
