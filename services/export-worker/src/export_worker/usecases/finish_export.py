"""The last commit of an export: its result comes in, the job has its final status and its listeners an event."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog

from common.db.unit_of_work import Tx
from common.ids import ExportId, public_id
from export_worker.app import App
from export_worker.domain.errors import REASONS
from export_worker.domain.job import Status, final_status
from export_worker.metrics import EXPORTS_ENDED, PAGES
from export_worker.store.jobs import JobRow, count_gaps, drop_contents, end_job, find_reason
from export_worker.store.steps import drop_steps
from export_worker.usecases.change_export import emit_finished
from export_worker.usecases.tenant_wishes import retention_in

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """A file in object storage."""

    key: str
    size: int
    sha256: str
    pages: int


def result_of(key: str, file: Path, pages: int) -> Result:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Result(key, file.stat().st_size, digest, pages)


async def finish_export(tx: Tx, job: JobRow, result: Result | None, app: App) -> Status:
    """The job is locked by the caller, and all of its steps are done."""
    export = ExportId(job["export_id"])
    left_out, noted = await count_gaps(tx, export)
    status = final_status(job["total"], left_out, noted)
    retention = await retention_in(tx, app)
    if result is None or status is Status.FAILED:
        code = await find_reason(tx, export) if job["total"] == 1 else None
        code = code or "export.nothing_exported"
        await drop_steps(tx, export)
        await end_job(
            tx,
            export,
            Status.FAILED,
            retention=retention,
            error_code=code,
            error_detail=REASONS[code],
            done=0,
            pages=0,
        )
        status, error = Status.FAILED, code
    else:
        error = None
        await end_job(
            tx,
            export,
            status,
            retention=retention,
            error_code=None,
            error_detail=None,
            content_key=result.key,
            content_size=result.size,
            content_sha256=result.sha256,
            pages=result.pages,
        )
        await drop_contents(tx, export)
        PAGES.inc(result.pages)
    await emit_finished(tx, job, status, app, pages=result.pages if result else 0, error=error)
    EXPORTS_ENDED.labels(status.value).inc()
    log.info("export_ended", export=public_id("exp", export), status=status.value, issues=job["total"])
    return status
