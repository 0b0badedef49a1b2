"""Exports whose files have to go: found across tenants, expired and marked one tenant at a time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from common.db.database import Database
from common.db.unit_of_work import Tx
from common.ids import ExportId, TenantId
from export_worker.store.tables import FINDER, items, jobs

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Leftover:
    tenant: TenantId
    export_id: ExportId
    status: str


async def list_leftovers(db: Database, settle: timedelta) -> list[Leftover]:
    """Expired exports, and cancelled ones after a while in which a last writer has noticed it."""
    due = or_(
        and_(jobs.c.expires_at <= func.now(), jobs.c.finished_at.is_not(None)),
        and_(jobs.c.status == "cancelled", jobs.c.finished_at <= func.now() - settle),
    )
    found = (
        select(jobs.c.tenant_id, jobs.c.export_id, jobs.c.status)
        .where(jobs.c.purged_at.is_(None), due)
        .order_by(jobs.c.expires_at)
        .limit(_BATCH)
    )
    async with db.uow_for_all_tenants("exports whose files have to go", role=FINDER) as across:
        rows = (await across.execute(found)).mappings().all()
    return [Leftover(row["tenant_id"], row["export_id"], row["status"]) for row in rows]


async def expire_job(tx: Tx, export: ExportId) -> bool:
    """From now on the export has no file; False when it is no longer one that should go."""
    expired = (
        tx.update(jobs)
        .where(jobs.c.export_id == export, jobs.c.purged_at.is_(None))
        .where(jobs.c.status.in_(("finished", "finished_with_gaps", "failed")), jobs.c.expires_at <= func.now())
        .values(status="expired", content_key=None)
    )
    if not await tx.affected(expired):
        return False
    await tx.execute(tx.update(items).where(items.c.export_id == export).values(content=None))
    return True


async def mark_purged(tx: Tx, export: ExportId) -> None:
    await tx.execute(tx.update(jobs).where(jobs.c.export_id == export).values(purged_at=func.now()))
