"""Cancels an export, lets a failed one go on, or starts a fresh one: an export comes in, its new state goes out."""

from common.contracts.audit import ExportAuditRecordedV1
from common.contracts.exports import ExportFinishedV1, ExportProgressedV1
from common.db.unit_of_work import Tx
from common.ids import ExportId, public_id
from common.issues.access import Viewer
from common.web.audit import audit_entry
from common.web.tokens import Caller
from export_worker.app import App
from export_worker.domain.errors import CannotCancel, CannotResume, ExportNotFound
from export_worker.domain.job import Status, can_cancel, can_resume
from export_worker.metrics import EXPORTS_ENDED
from export_worker.store.jobs import JobRow, drop_contents, end_job, lock_job, update_job
from export_worker.store.steps import reopen_steps
from export_worker.usecases.find_export import get_export
from export_worker.usecases.tenant_wishes import retention_in


async def cancel_export(export: ExportId, viewer: Viewer, app: App, *, by: Caller | None = None) -> JobRow:
    """Workers notice at their next heartbeat; a second cancel changes nothing."""
    await get_export(export, viewer, app)
    async with app.db.uow(viewer.tenant) as tx:
        job = await _locked(tx, export)
        if job["status"] == Status.CANCELLED:
            return job
        if not can_cancel(Status(job["status"])):
            raise CannotCancel(detail=f"It is {job['status']}.")
        await end_job(tx, export, Status.CANCELLED, retention=await retention_in(tx, app))
        await drop_contents(tx, export)
        await emit_finished(tx, job, Status.CANCELLED, app)
        target = ("export", public_id("exp", export))
        await tx.emit(audit_entry(ExportAuditRecordedV1, "export.cancelled", by=by, at=app.clock(), target=target))
        job = await _locked(tx, export)
    EXPORTS_ENDED.labels(Status.CANCELLED.value).inc()
    return job


async def resume_export(export: ExportId, viewer: Viewer, app: App) -> JobRow:
    """Steps that are done stay done; one that runs already goes on as it is."""
    await get_export(export, viewer, app)
    async with app.db.uow(viewer.tenant) as tx:
        job = await _locked(tx, export)
        if Status(job["status"]) in (Status.QUEUED, Status.RUNNING):
            return job
        if not can_resume(Status(job["status"])) or job["purged_at"] is not None:
            raise CannotResume(detail=f"It is {job['status']}.")
        await update_job(
            tx,
            export,
            status=Status.QUEUED.value,
            finished_at=None,
            expires_at=None,
            waiting_since=None,
            error_code=None,
            error_detail=None,
            rendering_key=None,
        )
        await reopen_steps(tx, export)
        job = await _locked(tx, export)
        await emit_progress(tx, job, app)
    app.work.set()
    return job


async def _locked(tx: Tx, export: ExportId) -> JobRow:
    job = await lock_job(tx, export)
    if job is None:
        raise ExportNotFound
    return job


async def emit_progress(tx: Tx, job: JobRow, app: App) -> None:
    """Tells the listeners of the export where it stands."""
    await tx.emit(
        ExportProgressedV1(
            export_id=public_id("exp", job["export_id"]),
            user_id=public_id("usr", job["requested_by"]),
            status=job["status"],
            done=job["done"],
            total=job["total"],
            pages=job["pages"],
            at=app.clock(),
        )
    )


async def emit_finished(
    tx: Tx, job: JobRow, status: Status, app: App, *, pages: int = 0, error: str | None = None
) -> None:
    """Tells the listeners of the export that it has ended."""
    await tx.emit(
        ExportFinishedV1.model_validate(
            {
                "export_id": public_id("exp", job["export_id"]),
                "user_id": public_id("usr", job["requested_by"]),
                "status": status.value,
                "pages": pages,
                "error_code": error,
                "at": app.clock(),
            }
        )
    )
