"""One issue comes in; the job that has rendered, or is going to render, just its present state goes out."""

import asyncio
from datetime import timedelta

from common.ids import ConnectionId
from common.issues.access import Access
from common.issues.details import IssueNotFound
from export_worker.app import App
from export_worker.domain.job import Status
from export_worker.domain.selection import Candidate
from export_worker.metrics import EXPORTS_ASKED
from export_worker.store.jobs import JobRow, find_job, find_rendering, forget_rendering, is_active
from export_worker.store.mirror import find_as_of, find_digest
from export_worker.usecases.place_job import Order, document_key, place_job, prints_of
from export_worker.usecases.select_set import select_set
from export_worker.usecases.tenant_wishes import read_brand

_FIRST_LOOK = 0.03
_LONGEST_LOOK = 0.25


class _MadeMeanwhile(Exception):
    """Somebody asked for the same document a moment ago; rolls back what was placed beside it."""


async def request_issue_pdf(ref: str, connection: ConnectionId | None, order: Order, app: App) -> JobRow:
    """The same content, options and access are rendered once, however many ask."""
    (issue,), access = await select_set([ref], connection, order.viewer, app)
    for _ in range(3):
        job = await _find(issue, access, order, app)
        if job is not None:
            EXPORTS_ASKED.labels(order.kind, "finished" if not is_active(job) else "running").inc()
            return job
        try:
            job = await _place(issue, access, order, app)
        except _MadeMeanwhile:
            continue
        EXPORTS_ASKED.labels(order.kind, "new").inc()
        return job
    raise IssueNotFound(detail="The issue changes faster than it can be read.")


async def _find(issue: Candidate, access: Access, order: Order, app: App) -> JobRow | None:
    tenant = access.tenant
    async with app.db.read(tenant) as reader:
        digest = await find_digest(reader, access, issue)
        if digest is None:
            raise IssueNotFound
        job = await find_rendering(
            reader, tenant, document_key(digest, order.options, prints_of(access, [issue]), await read_brand(reader))
        )
    return None if job is None or _is_stale(job, app) else job


def _is_stale(job: JobRow, app: App) -> bool:
    """What had gaps may be whole at the next try; what is about to be removed must not be handed out."""
    if job["status"] == Status.FINISHED_WITH_GAPS and job["finished_at"] < app.clock() - app.settings.gaps_reuse:
        return True
    return job["expires_at"] is not None and job["expires_at"] < app.clock() + timedelta(minutes=1)


async def _place(issue: Candidate, access: Access, order: Order, app: App) -> JobRow:
    tenant = access.tenant
    async with app.db.read(tenant) as reader:
        as_of = await find_as_of(reader, tenant, [issue.connection_id])
        digest = await find_digest(reader, access, issue)
        stale = None
        if digest is not None:
            stale = await find_rendering(
                reader,
                tenant,
                document_key(digest, order.options, prints_of(access, [issue]), await read_brand(reader)),
            )
    async with app.db.uow(tenant) as tx:
        if stale is not None and _is_stale(stale, app):
            await forget_rendering(tx, stale["export_id"])
        job = await place_job(tx, order, [issue], access, as_of=as_of, now=app.clock(), settings=app.settings)
        if job is None:
            raise _MadeMeanwhile
    return job


async def wait_for_end(job: JobRow, order: Order, limit: timedelta, app: App) -> JobRow:
    """The job when it has ended, or as it is when the time is over."""
    tenant, pause = order.viewer.tenant, _FIRST_LOOK
    deadline = asyncio.get_running_loop().time() + limit.total_seconds()
    while is_active(job) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_LOOK)
        async with app.db.read(tenant) as reader:
            job = await find_job(reader, tenant, job["export_id"]) or job
    return job
