"""Stores what was fetched from Jira: batch by batch, with what is missing taken out and what failed tried later."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
import structlog

from common.db.unit_of_work import Tx
from common.ids import public_id
from jira_sync.domain.connection import is_in_scope
from jira_sync.domain.mapping import snapshot_of
from jira_sync.domain.snapshot import RawIssue, Snapshot
from jira_sync.metrics import STORED
from jira_sync.outbound.jira.interface import Fetched
from jira_sync.store.inbox import add_delivery
from jira_sync.store.issues import store_gone, store_snapshots
from jira_sync.store.leases import assert_lease
from jira_sync.usecases.session import Session

log = structlog.get_logger(__name__)

_BATCH = 50


async def refetch(session: Session, ids: Collection[int]) -> None:
    """Brings issues to what Jira has now, by numeric id."""
    observed_at = session.app.clock()
    fetched = await session.jira.fetch(ids)
    await store_fetched(session, fetched, observed_at=observed_at, backfill=False)


async def store_fetched(session: Session, fetched: Fetched, *, observed_at: datetime, backfill: bool) -> int:
    """Stores issues and takes out the missing ones; how many were stored or known already."""
    snapshots, failed = await asyncio.to_thread(_mapped, session, fetched.found)
    scope = session.connection.scope_projects
    inside = [snapshot for snapshot in snapshots if is_in_scope(snapshot.row["project_key"], scope)]
    outside = {snapshot.jira_id for snapshot in snapshots} - {snapshot.jira_id for snapshot in inside}
    for start in range(0, len(inside), _BATCH):
        batch = inside[start : start + _BATCH]
        async with session.app.db.uow(session.tenant) as tx:
            await assert_lease(tx, session.lease)
            stored = await store_snapshots(tx, session.site, batch, backfill=backfill)
        for verdict, number in stored.verdicts.items():
            STORED.labels(verdict.name.lower()).inc(number)
    async with session.app.db.uow(session.tenant) as tx:
        await assert_lease(tx, session.lease)
        await store_gone(tx, session.site, fetched.missing | outside, observed_at=observed_at)
        await _try_later(tx, session, fetched.failed | failed)
    return len(inside)


def _mapped(session: Session, raws: Sequence[RawIssue]) -> tuple[list[Snapshot], frozenset[int]]:
    """One issue that cannot be read must not keep the others out."""
    snapshots, failed = [], set()
    for raw in raws:
        try:
            snapshots.append(snapshot_of(raw, session.site, session.lists))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning(
                "issue_not_readable",
                connection=public_id("con", session.connection.id),
                jira_id=raw.jira_id,
                error=f"{type(error).__name__}: {error}"[:200],
            )
            failed.add(raw.jira_id)
    return snapshots, frozenset(failed)


async def _try_later(tx: Tx, session: Session, ids: Collection[int]) -> None:
    """Puts issues into the inbox as if Jira had told of them: tried again, and given up with a reason."""
    now = session.app.clock()
    for jira_id in sorted(ids):
        body = orjson.dumps({"webhookEvent": "retry", "issue": {"id": jira_id}})
        await add_delivery(tx, session.connection.id, identifier=f"retry:{jira_id}:{now:%Y%m%d%H%M}", body=body, at=now)
