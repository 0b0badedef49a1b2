"""Removes the files of exports whose time is over or that were cancelled; interrupted, it goes on at the next turn."""

from datetime import timedelta

from common.contracts.exports import ExportFinishedV1
from common.ids import public_id
from export_worker.app import App
from export_worker.metrics import FILES_PURGED
from export_worker.store.leftovers import Leftover, expire_job, list_leftovers, mark_purged
from export_worker.store.steps import object_prefix

_SETTLE = timedelta(minutes=1)


async def sweep_files(app: App) -> int:
    """The row says first that there is no file, then the file goes, then the row says that it is gone."""
    found = await list_leftovers(app.db, max(_SETTLE, app.settings.lease * 2))
    for leftover in found:
        if leftover.status != "expired" and leftover.status != "cancelled" and not await _expire(leftover, app):
            continue
        FILES_PURGED.inc(await app.storage.delete_prefix(object_prefix(leftover.tenant, leftover.export_id)))
        async with app.db.uow(leftover.tenant) as tx:
            await mark_purged(tx, leftover.export_id)
    return len(found)


async def _expire(leftover: Leftover, app: App) -> bool:
    async with app.db.uow(leftover.tenant) as tx:
        if not await expire_job(tx, leftover.export_id):
            return False
        export = public_id("exp", leftover.export_id)
        await tx.emit(ExportFinishedV1(export_id=export, status="expired", at=app.clock()))
    return True
