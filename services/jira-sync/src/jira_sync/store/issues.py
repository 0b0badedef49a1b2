"""Snapshots of issues come in; rows, search documents and feed entries stand in one transaction."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from common.db.unit_of_work import Tx
from common.issues.tables import issues
from jira_sync.domain.changes import CollectionDiff, field_changes
from jira_sync.domain.facts import Fact, IssueNews, deleted_fact, facts_of
from jira_sync.domain.merging import Head, Verdict, is_gone, verdict_on
from jira_sync.domain.snapshot import Row, Site, Snapshot
from jira_sync.store.collections import known_collections, store_collections
from jira_sync.store.documents import remove_documents, store_documents
from jira_sync.store.feed import add_facts
from jira_sync.store.issue_parts import raise_generations, store_keys, store_people, store_raw, store_values
from jira_sync.store.observations import gone_times, known_rows, lock_issues, note_gone, note_seen

_STORED = frozenset({Verdict.INSERT, Verdict.UPDATE, Verdict.REVIVE})


@dataclass(frozen=True)
class StoredIssues:
    """What became of a batch of observations."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)


async def store_snapshots(tx: Tx, site: Site, snapshots: Sequence[Snapshot], *, backfill: bool) -> StoredIssues:
    """Stores what is news, whatever the order and repetition in which observations arrive.

    A backfill tells of issues only: their comments and worklogs come with them.
    """
    newest = _newest(snapshots)
    ids = sorted(newest)
    await lock_issues(tx, site, ids)
    rows = await known_rows(tx, site, ids)
    gone = await gone_times(tx, site, ids)
    verdicts = {jira_id: _verdict(rows.get(jira_id), newest[jira_id], gone.get(jira_id)) for jira_id in ids}
    news = [newest[jira_id] for jira_id in ids if verdicts[jira_id] in _STORED]
    await _store(tx, site, news, rows, verdicts, backfill=backfill)
    seen_again = [newest[jira_id] for jira_id in ids if verdicts[jira_id] is Verdict.REFRESH]
    await note_seen(tx, site, seen_again)
    return StoredIssues(Counter(verdicts.values()))


async def store_gone(tx: Tx, site: Site, ids: Collection[int], *, observed_at: datetime) -> int:
    """Takes issues out that Jira no longer shows; older answers cannot bring them back. How many were taken out."""
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    await lock_issues(tx, site, wanted)
    rows = await known_rows(tx, site, wanted)
    await note_gone(tx, site, wanted, observed_at)
    out = [
        rows[jira_id]
        for jira_id in wanted
        if jira_id in rows and is_gone(_head(rows[jira_id]), observed_at=observed_at)
    ]
    if not out:
        return 0
    where = (issues.c.connection_id == site.connection) & issues.c.jira_id.in_([row["jira_id"] for row in out])
    await tx.execute(
        tx.update(issues)
        .where(where)
        .values(deleted_at=observed_at, synced_at=observed_at, revision=issues.c.revision + 1)
    )
    await remove_documents(tx, site, [row["issue_id"] for row in out])
    facts = [deleted_fact(site, row, row["revision"] + 1, observed_at) for row in out]
    await add_facts(tx, site.connection, facts)
    await raise_generations(tx, site, {row["project_id"] for row in out})
    return len(out)


async def updated_times(tx: Tx, site: Site, ids: Collection[int]) -> dict[int, datetime]:
    """When the mirror's state of live issues was last changed at Jira."""
    found = await tx.execute(
        tx.select(issues, issues.c.jira_id, issues.c.updated).where(
            issues.c.connection_id == site.connection,
            issues.c.jira_id.in_(sorted(set(ids))),
            issues.c.deleted_at.is_(None),
        )
    )
    return {row.jira_id: row.updated for row in found}


def _newest(snapshots: Sequence[Snapshot]) -> dict[int, Snapshot]:
    found: dict[int, Snapshot] = {}
    for snapshot in snapshots:
        known = found.get(snapshot.jira_id)
        if known is None or (known.updated, known.observed_at) < (snapshot.updated, snapshot.observed_at):
            found[snapshot.jira_id] = snapshot
    return found


def _head(row: Row) -> Head:
    return Head(row["updated"], row["synced_at"], row["content_hash"], row["deleted_at"])


def _verdict(row: Row | None, snapshot: Snapshot, gone_at: datetime | None) -> Verdict:
    return verdict_on(
        None if row is None else _head(row),
        updated=snapshot.updated,
        observed_at=snapshot.observed_at,
        content_hash=snapshot.content_hash,
        gone_at=gone_at,
    )


async def _store(
    tx: Tx,
    site: Site,
    news: Sequence[Snapshot],
    rows: Mapping[int, Row],
    verdicts: Mapping[int, Verdict],
    *,
    backfill: bool,
) -> None:
    if not news:
        return
    old = [snapshot.jira_id for snapshot in news if snapshot.jira_id in rows]
    known = await known_collections(tx, site, old)
    await tx.upsert(
        issues,
        [_row(site, snapshot, rows.get(snapshot.jira_id)) for snapshot in news],
        key=("connection_id", "jira_id"),
    )
    await store_values(tx, site, news, old)
    diffs = await store_collections(tx, site, news, known)
    await store_documents(tx, site, news, known)
    await store_keys(tx, site, news, rows)
    await store_people(tx, site, news)
    await store_raw(tx, site, news)
    facts: list[Fact] = []
    for snapshot in news:
        before = rows[snapshot.jira_id] if verdicts[snapshot.jira_id] is Verdict.UPDATE else None
        facts += _facts(site, snapshot, rows.get(snapshot.jira_id), before, diffs[snapshot.jira_id], backfill=backfill)
    await add_facts(tx, site.connection, facts)
    touched = {snapshot.row["project_id"] for snapshot in news}
    touched |= {rows[snapshot.jira_id]["project_id"] for snapshot in news if snapshot.jira_id in rows}
    await raise_generations(tx, site, touched)


def _row(site: Site, snapshot: Snapshot, known: Row | None) -> Row:
    return {
        **snapshot.row,
        "connection_id": site.connection,
        "revision": 1 if known is None else known["revision"] + 1,
        "content_hash": snapshot.content_hash,
        "synced_at": snapshot.observed_at,
        "deleted_at": None,
    }


def _facts(
    site: Site,
    snapshot: Snapshot,
    known: Row | None,
    before: Row | None,
    diffs: Mapping[str, CollectionDiff],
    *,
    backfill: bool,
) -> list[Fact]:
    changed = field_changes(_shown(before), _shown(snapshot.row)) if before is not None else []
    revision = 1 if known is None else known["revision"] + 1
    news = IssueNews(
        site, snapshot.row, revision, before, changed, {name: diff for name, diff in diffs.items() if diff}
    )
    return facts_of(news, with_children=not (backfill and before is None))


def _shown(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = orjson.loads(row["card"]) | orjson.loads(row["detail"])
    return shown
