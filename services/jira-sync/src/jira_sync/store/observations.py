"""What the mirror knows of issues before it judges an observation, and the locks that make writers take turns."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, cast, column, func, literal, select

from common.db.unit_of_work import Tx
from common.issues.tables import issues
from jira_sync.domain.snapshot import Row, Site, Snapshot
from jira_sync.store.tables import gone_issues


async def lock_issues(tx: Tx, site: Site, ids: Sequence[int]) -> None:
    """Writers of the same issue take turns, in id order, also for issues that have no row yet."""
    keys = [_lock_key(site, jira_id) for jira_id in ids]
    entry = func.unnest(cast(literal(keys, ARRAY(BigInteger)), ARRAY(BigInteger))).alias("entry")
    # no tenant: takes locks, reads no row
    await tx.execute(select(func.pg_advisory_xact_lock(column("entry"))).select_from(entry))


def _lock_key(site: Site, jira_id: int) -> int:
    name = site.connection.bytes + jira_id.to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True)


async def known_rows(tx: Tx, site: Site, ids: Sequence[int]) -> dict[int, Row]:
    found = await tx.execute(
        tx.select(issues).where(issues.c.connection_id == site.connection, issues.c.jira_id.in_(ids))
    )
    return {row["jira_id"]: dict(row) for row in found.mappings()}


async def gone_times(tx: Tx, site: Site, ids: Sequence[int]) -> dict[int, datetime]:
    found = await tx.execute(
        tx.select(gone_issues, gone_issues.c.jira_id, gone_issues.c.observed_at).where(
            gone_issues.c.connection_id == site.connection, gone_issues.c.jira_id.in_(ids)
        )
    )
    return {row.jira_id: row.observed_at for row in found}


async def note_gone(tx: Tx, site: Site, ids: Sequence[int], observed_at: datetime) -> None:
    known = await gone_times(tx, site, ids)
    rows = [
        {"connection_id": site.connection, "jira_id": jira_id, "observed_at": observed_at}
        for jira_id in ids
        if jira_id not in known or known[jira_id] < observed_at
    ]
    await tx.upsert(gone_issues, rows, key=("connection_id", "jira_id"))


async def note_seen(tx: Tx, site: Site, snapshots: Sequence[Snapshot]) -> None:
    for observed_at in sorted({snapshot.observed_at for snapshot in snapshots}):
        ids = [snapshot.jira_id for snapshot in snapshots if snapshot.observed_at == observed_at]
        await tx.execute(
            tx.update(issues)
            .where(issues.c.connection_id == site.connection, issues.c.jira_id.in_(ids))
            .values(synced_at=observed_at)
        )
