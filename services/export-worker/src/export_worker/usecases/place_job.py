"""Freezes a set and puts the job, its steps and its message beside it, all in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.contracts.audit import ExportAuditRecordedV1
from common.contracts.exports import ExportRequestedV1
from common.contracts.http.exports import ExportOptions
from common.db.erased import refuse_erased
from common.db.unit_of_work import Tx
from common.ids import ConnectionId, ExportId, new_id, public_id
from common.issues.access import Access, Viewer
from common.issues.details import IssueNotFound
from common.web.audit import audit_entry
from common.web.tokens import Caller
from export_worker.domain.identity import file_name, rendering_key
from export_worker.domain.issue_document import Brand
from export_worker.domain.planning import ChunkLimits, plan_chunks
from export_worker.domain.selection import Candidate
from export_worker.settings import ExportSettings
from export_worker.store.freezing import freeze_issues
from export_worker.store.jobs import JobRow, NewJob, insert_job, insert_steps, lock_job
from export_worker.store.tables import erased_tenants
from export_worker.usecases.tenant_wishes import brand_in


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, and by whom."""

    kind: str  # set | issue
    viewer: Viewer
    source: Mapping[str, Any]
    options: ExportOptions
    by: Caller | None = None  # whom the audit log names


async def place_job(
    tx: Tx,
    order: Order,
    chosen: Sequence[Candidate],
    access: Access,
    *,
    as_of: datetime | None,
    now: datetime,
    settings: ExportSettings,
) -> JobRow | None:
    """None when a living job makes just this document; the transaction must be rolled back then."""
    await refuse_erased(tx, erased_tenants, tx.tenant)
    export = ExportId(new_id())
    frozen = await freeze_issues(tx, access, export, chosen)
    if len(frozen) != len(chosen):
        raise IssueNotFound(detail="An issue vanished while it was read.")
    options = order.options
    shared = order.kind == "issue"
    job = NewJob(
        export_id=export,
        kind=order.kind,
        requested_by=order.viewer.user,
        access=prints_of(access, chosen),
        source=order.source,
        locale=options.locale,
        paper=options.paper,
        total=len(frozen),
        as_of=as_of,
        created_at=now,
        rendering_key=document_key(frozen[0].digest, options, prints_of(access, chosen), await brand_in(tx))
        if shared
        else None,
        file_name=file_name(tuple(one.key for one in frozen), now.date().isoformat()),
    )
    if not await insert_job(tx, job):
        return None
    chunks = plan_chunks([one.cost for one in frozen], ChunkLimits(issues=settings.chunk_issues))
    await insert_steps(tx, export, chunks, len(frozen), settings.kafka_grace)
    await tx.emit(ExportRequestedV1(export_id=public_id("exp", export)))
    await tx.emit(_created(export, order, len(frozen), now))
    return await lock_job(tx, export)


def _created(export: ExportId, order: Order, total: int, now: datetime) -> ExportAuditRecordedV1:
    return audit_entry(
        ExportAuditRecordedV1,
        "export.created",
        by=order.by,
        at=now,
        target=("export", public_id("exp", export)),
        details={"kind": order.kind, "issues": str(total)},
    )


def prints_of(access: Access, chosen: Sequence[Candidate]) -> str:
    """What a file remembers of the access under which it was made: that in the connections which it shows."""
    return access.prints_of({ConnectionId(one.connection_id) for one in chosen})


def document_key(digest: str, options: ExportOptions, prints: str, brand: Brand) -> str:
    """By this key a document of one issue is found again."""
    return rendering_key(digest, locale=options.locale, paper=options.paper, access=prints, brand=brand.fingerprint)
