"""Search documents of issues, one per visibility class; this service writes them and cannot read them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func

from common.db.unit_of_work import Tx
from jira_sync.domain.documents import search_texts
from jira_sync.domain.snapshot import Site, Snapshot
from jira_sync.store.collections import Known
from jira_sync.store.tables import issue_search


async def store_documents(tx: Tx, site: Site, news: Sequence[Snapshot], known: Known) -> None:
    """Makes the documents anew: replacing in place would need the right to read them."""
    await remove_documents(tx, site, [snapshot.row["issue_id"] for snapshot in news])
    rows: list[dict[str, Any]] = []
    for snapshot in news:
        comments = snapshot.comments
        if comments is None:
            comments = tuple(known["comments"].get(snapshot.jira_id, {}).values())
        rows += [
            {
                "d_issue": snapshot.row["issue_id"],
                "d_class": text.visibility,
                "d_key": text.key,
                "d_title": text.title,
                "d_description": text.description,
                "d_comments": text.comments,
                "d_project": snapshot.row["project_id"],
                "d_level": snapshot.row["security_level_id"],
            }
            for text in search_texts(snapshot.row, comments)
        ]
    document = func.jira_private.search_document(
        bindparam("d_key"), bindparam("d_title"), bindparam("d_description"), bindparam("d_comments")
    )
    statement = tx.insert(issue_search).values(
        {
            "issue_id": bindparam("d_issue"),
            "class": bindparam("d_class"),
            "connection_id": site.connection,
            "document": document,
            "project_id": bindparam("d_project"),
            "security_level_id": bindparam("d_level"),
        }
    )
    if rows:
        await tx.execute(statement, rows)


async def remove_documents(tx: Tx, site: Site, issue_ids: Sequence[UUID]) -> None:
    """Takes issues out of search."""
    if issue_ids:
        await tx.execute(
            tx.delete(issue_search).where(
                issue_search.c.connection_id == site.connection, issue_search.c.issue_id.in_(issue_ids)
            )
        )
