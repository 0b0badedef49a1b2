"""The worker: takes the next step of any export, keeps its lease, and sees it to one of its ends."""

import asyncio
from datetime import timedelta

import structlog

from common.errors import AppError, ErrorKind
from common.ids import public_id
from common.telemetry.context import working
from export_worker.app import App
from export_worker.domain.errors import REASONS
from export_worker.domain.job import GiveUp, Patience, Status, is_poison, next_after_outage
from export_worker.metrics import EXPORTS_ENDED, STEP_SECONDS, STEPS, STEPS_IN_HAND
from export_worker.outbound.joining import BadDocument
from export_worker.store.jobs import end_job, lock_job, update_job
from export_worker.store.steps import LeaseLost, Step, claim_step, keep_step, return_step
from export_worker.usecases.change_export import emit_finished
from export_worker.usecases.join_parts import join_parts
from export_worker.usecases.render_chunk import render_chunk
from export_worker.usecases.tenant_wishes import retention_in

log = structlog.get_logger(__name__)

_MAY_PASS = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.UPSTREAM_BUSY, ErrorKind.UPSTREAM_BROKEN})


async def work_step(app: App) -> bool:
    """False when there was nothing to do."""
    step = await claim_step(app.db, app.settings.lease)
    if step is None:
        return False
    kind = "join" if step.is_joining else "render"
    with (
        working(tenant=public_id("ten", step.tenant)),
        STEPS_IN_HAND.track_inprogress(),
        STEP_SECONDS.labels(kind).time(),
    ):
        outcome = await _to_an_end(step, app)
    STEPS.labels(kind, outcome).inc()
    return True


async def _to_an_end(step: Step, app: App) -> str:
    try:
        if is_poison(step.claims, _patience(app)):
            await fail_export(step, "export.worker_died", app)
            return "failed"
        await _with_heartbeat(step, app)
    except LeaseLost:
        log.info("step_lost", export=public_id("exp", step.export_id), number=step.number)
        return "lost"
    except asyncio.CancelledError:
        await asyncio.shield(_hand_back(step, app))
        raise
    except BadDocument:
        log.exception("bad_document", export=public_id("exp", step.export_id))
        await fail_export(step, "export.bad_result", app)
        return "failed"
    except AppError as error:
        if error.kind not in _MAY_PASS:
            raise
        await wait_for_part(step, error, app)
        return "waiting"
    return "done"


async def _with_heartbeat(step: Step, app: App) -> None:
    """Works and keeps the lease side by side; a lost lease ends the work at once."""
    work = asyncio.create_task(join_parts(step, app) if step.is_joining else render_chunk(step, app))
    beat = asyncio.create_task(_keep(step, app))
    try:
        await asyncio.wait((work, beat), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await beat
        await work
    finally:
        for task in (work, beat):
            task.cancel()
        await asyncio.gather(work, beat, return_exceptions=True)


async def _keep(step: Step, app: App) -> None:
    """Ends only by `LeaseLost`; while the database is away it tries on until somebody else could have the step."""
    loop = asyncio.get_running_loop()
    kept = loop.time()
    while True:
        await asyncio.sleep(app.settings.heartbeat.total_seconds())
        try:
            async with app.db.uow(step.tenant) as tx:
                await keep_step(tx, step, app.settings.lease)
            kept = loop.time()
        except AppError as error:
            if error.kind not in _MAY_PASS:
                raise
            if loop.time() - kept > app.settings.lease.total_seconds():
                raise LeaseLost from error


async def _hand_back(step: Step, app: App) -> None:
    """At a graceful stop the step is free for others at once."""
    try:
        async with app.db.uow(step.tenant) as tx:
            await return_step(tx, step, timedelta(0))
    except AppError as error:
        log.info("step_not_returned", code=error.code)


async def wait_for_part(step: Step, error: AppError, app: App) -> None:
    """Something the step needs is away: later again, until patience is over."""
    now = app.clock()
    async with app.db.uow(step.tenant) as tx:
        job = await lock_job(tx, step.export_id)
        if job is None:
            raise LeaseLost
        waiting_since = job["waiting_since"] or now
        decision = next_after_outage(now, waiting_since, step.outages, _patience(app))
        if not isinstance(decision, GiveUp):
            await return_step(tx, step, decision.pause, outage=True)
            detail = f"{error.title()} The export waits for it."
            await update_job(
                tx, step.export_id, waiting_since=waiting_since, error_code=error.code, error_detail=detail
            )
            log.warning("step_waits", code=error.code, pause=decision.pause.total_seconds())
            return
    await fail_export(step, error.code, app)


async def fail_export(step: Step, code: str, app: App) -> None:
    """Ends the export; its frozen content stays until it expires, so that it can be resumed."""
    async with app.db.uow(step.tenant) as tx:
        job = await lock_job(tx, step.export_id)
        if job is None or Status(job["status"]) is not Status.RUNNING:
            raise LeaseLost
        await keep_step(tx, step, app.settings.lease)
        detail = REASONS.get(code, "A part that the export needs was away for too long.")
        await end_job(
            tx,
            step.export_id,
            Status.FAILED,
            retention=await retention_in(tx, app),
            error_code=code,
            error_detail=detail,
        )
        await emit_finished(tx, job, Status.FAILED, app, pages=job["pages"], error=code)
    EXPORTS_ENDED.labels(Status.FAILED.value).inc()
    log.error("export_failed", export=public_id("exp", step.export_id), code=code)


def _patience(app: App) -> Patience:
    return Patience(limit=app.settings.patience)
