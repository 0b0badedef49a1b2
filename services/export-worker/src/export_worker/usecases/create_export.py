"""A set of issues comes in; a job stands in the database when the answer goes out, and the same key gives it again."""

from collections.abc import Sequence

from common.contracts.http.exports import export_body
from common.db.idempotency import IdempotentRequest, KeptAnswer, find_kept_answer, keep_answer
from common.ids import ConnectionId, public_id
from common.issues.access import Access
from export_worker.app import App
from export_worker.domain.errors import ExportTooLarge
from export_worker.domain.selection import Candidate
from export_worker.metrics import EXPORTS_ASKED
from export_worker.store.jobs import JobRow
from export_worker.store.mirror import find_as_of
from export_worker.store.tables import idempotency
from export_worker.usecases.place_job import Order, place_job
from export_worker.usecases.select_set import select_set

_ACCEPTED = 202


class _AnsweredMeanwhile(Exception):
    """Another request with the same Idempotency-Key was quicker."""


async def order_export(
    order: Order, refs: Sequence[str], connection: ConnectionId | None, request: IdempotentRequest | None, app: App
) -> KeptAnswer:
    """The answer to give; raises `IdempotencyConflict` when the key came with another request."""
    kept = await _kept(order, request, app)
    if kept is not None:
        return kept
    if len(refs) > app.settings.max_issues:
        raise ExportTooLarge(detail=f"At most {app.settings.max_issues} issues.")
    chosen, access = await select_set(refs, connection, order.viewer, app)
    try:
        return await _create(order, chosen, access, request, app)
    except _AnsweredMeanwhile:
        return await _create(order, chosen, access, request, app)


async def _kept(order: Order, request: IdempotentRequest | None, app: App) -> KeptAnswer | None:
    """Asked first of all: the issues may have gone since the first request was answered."""
    if request is None:
        return None
    async with app.db.uow(order.viewer.tenant) as tx:
        return await find_kept_answer(tx, idempotency, request, app.clock())


async def _create(
    order: Order, chosen: Sequence[Candidate], access: Access, request: IdempotentRequest | None, app: App
) -> KeptAnswer:
    tenant = access.tenant
    async with app.db.read(tenant) as reader:
        as_of = await find_as_of(reader, tenant, sorted({one.connection_id for one in chosen}))
    async with app.db.uow(tenant) as tx:
        kept = await find_kept_answer(tx, idempotency, request, app.clock())
        if kept is not None:
            return kept
        job = await place_job(tx, order, chosen, access, as_of=as_of, now=app.clock(), settings=app.settings)
        if job is None:
            raise RuntimeError("an export of a set shares no rendering")
        answer = accepted(job)
        if not await keep_answer(tx, idempotency, request, answer):
            raise _AnsweredMeanwhile
    EXPORTS_ASKED.labels(order.kind, "new").inc()
    return answer


def accepted(job: JobRow) -> KeptAnswer:
    """202 with the place to look at."""
    body = export_body(job, source=job["source"])
    location = f"/api/v1/exports/{public_id('exp', job['export_id'])}"
    return KeptAnswer(_ACCEPTED, location, body.model_dump_json().encode())
