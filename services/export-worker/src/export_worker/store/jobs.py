"""Rows of exports.jobs and exports.items: made, read, cancelled, resumed, finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import Integer, Uuid, bindparam, func, null, or_, select
from sqlalchemy.dialects import postgresql

from common.db.reading import Reader, compile_read
from common.db.unit_of_work import Tx
from common.ids import ExportId, TenantId
from common.issues.scope import of_tenant
from export_worker.domain.job import ACTIVE, Status
from export_worker.domain.planning import Chunk
from export_worker.store.tables import items, jobs, steps

JobRow = Mapping[str, Any]

_JSON_COLUMNS = ("source", "left_out", "notes")

_LIVING = ("queued", "running", "finished", "finished_with_gaps")
_EXPORT = bindparam("export", type_=Uuid())

_JOB = compile_read(select(jobs).where(of_tenant(jobs), jobs.c.export_id == _EXPORT))
_RENDERING = compile_read(
    select(jobs).where(
        of_tenant(jobs),
        jobs.c.rendering_key == bindparam("rendering", type_=jobs.c.rendering_key.type),
        or_(*(jobs.c.status == status for status in _LIVING)),
    )
)
_ITEMS = (
    select(*(column for column in items.c if column.name not in ("tenant_id", "content")))
    .where(of_tenant(items), items.c.export_id == _EXPORT)
    .order_by(items.c.ordinal)
)
_MANIFEST = compile_read(_ITEMS)
_CONTENT = compile_read(
    select(items)
    .where(of_tenant(items), items.c.export_id == _EXPORT)
    .where(
        items.c.ordinal >= bindparam("first", type_=Integer()), items.c.ordinal <= bindparam("last", type_=Integer())
    )
    .order_by(items.c.ordinal)
)


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is known of an export when it is asked for."""

    export_id: ExportId
    kind: str
    requested_by: UUID
    access: str
    source: Mapping[str, Any]
    locale: str
    paper: str
    total: int
    as_of: datetime | None
    created_at: datetime
    rendering_key: str | None
    file_name: str


async def insert_job(tx: Tx, job: NewJob) -> bool:
    """False when a living job has the same rendering key: then nothing was inserted."""
    values = {name: getattr(job, name) for name in NewJob.__dataclass_fields__}
    statement = (
        postgresql.insert(jobs)
        .values(tenant_id=tx.tenant, format="pdf", status=Status.QUEUED.value, **values)
        .on_conflict_do_nothing()
    )
    return await tx.affected(statement) == 1


async def insert_steps(tx: Tx, export: ExportId, chunks: Sequence[Chunk], total: int, grace: timedelta) -> None:
    """A step per chunk, and one that joins them when there are several.

    The message from Kafka makes them runnable at once; the grace is for the days when Kafka is away.
    """
    for chunk in chunks:
        await _insert_step(tx, export, chunk.number, chunk.first, chunk.last, total, func.now() + grace)
    if len(chunks) > 1:
        await _insert_step(tx, export, 0, 1, total, total, null())


async def _insert_step(tx: Tx, export: ExportId, number: int, first: int, last: int, weight: int, at: Any) -> None:
    row = {"export_id": export, "number": number, "first": first, "last": last, "weight": weight}
    await tx.execute(tx.insert(steps).values(**row, state="open", runnable_at=at))


async def forget_rendering(tx: Tx, export: ExportId) -> None:
    """The job no longer stands for its content: the next request makes the document anew."""
    await tx.execute(tx.update(jobs).where(jobs.c.export_id == export).values(rendering_key=None))


def _row(record: Record | None) -> JobRow | None:
    """A lean read leaves JSON as text; here it is parsed, as a unit of work does."""
    if record is None:
        return None
    row = dict(record)
    for name in _JSON_COLUMNS:
        if isinstance(row.get(name), str):
            row[name] = orjson.loads(row[name])
    return row


def _rows(records: Sequence[Record]) -> list[JobRow]:
    return [row for record in records if (row := _row(record)) is not None]


async def find_job(reader: Reader, tenant: TenantId, export: ExportId) -> JobRow | None:
    return _row(await reader.fetchrow(_JOB, tenant=tenant, export=export))


async def find_rendering(reader: Reader, tenant: TenantId, rendering: str) -> JobRow | None:
    """The living job that has rendered, or is going to render, just this document."""
    return _row(await reader.fetchrow(_RENDERING, tenant=tenant, rendering=rendering))


async def list_items(reader: Reader, tenant: TenantId, export: ExportId) -> list[JobRow]:
    """The set without its content."""
    return _rows(await reader.fetch(_MANIFEST, tenant=tenant, export=export))


async def list_contents(reader: Reader, tenant: TenantId, export: ExportId, first: int, last: int) -> list[JobRow]:
    """A part of the set with its content."""
    return _rows(await reader.fetch(_CONTENT, tenant=tenant, export=export, first=first, last=last))


async def lock_job(tx: Tx, export: ExportId) -> JobRow | None:
    """The job, locked: whoever changes steps of a job locks it first, so that the last one knows that it is."""
    result = await tx.execute(tx.select(jobs).where(jobs.c.export_id == export).with_for_update())
    row = result.mappings().one_or_none()
    return None if row is None else dict(row)


async def update_job(tx: Tx, export: ExportId, **values: Any) -> None:
    await tx.execute(tx.update(jobs).where(jobs.c.export_id == export).values(**values))


async def end_job(tx: Tx, export: ExportId, status: Status, *, retention: timedelta, **values: Any) -> None:
    """Ends a job: what is still open is dropped, and its files go when the retention is over."""
    await update_job(
        tx,
        export,
        status=status.value,
        finished_at=func.now(),
        expires_at=func.now() + retention,
        waiting_since=None,
        **values,
    )
    await tx.execute(
        tx.update(steps).where(steps.c.export_id == export, steps.c.state == "open").values(state="dropped")
    )


async def drop_contents(tx: Tx, export: ExportId) -> None:
    """The frozen content has served."""
    await tx.execute(tx.update(items).where(items.c.export_id == export).values(content=None))


async def note_item(
    tx: Tx, export: ExportId, ordinal: int, *, pages: int, left_out: Mapping[str, str] | None, notes: Sequence[Any]
) -> None:
    """What came of one issue."""
    await tx.execute(
        tx.update(items)
        .where(items.c.export_id == export, items.c.ordinal == ordinal)
        .values(pages=pages, left_out=null() if left_out is None else left_out, notes=list(notes))
    )


async def count_gaps(tx: Tx, export: ExportId) -> tuple[int, int]:
    """How many issues were left out, and how many have notes."""
    left_out = func.count().filter(items.c.left_out.is_not(None))
    noted = func.count().filter(func.jsonb_array_length(items.c.notes) > 0)
    result = await tx.execute(
        tx.select(items, left_out.label("left_out"), noted.label("noted")).where(items.c.export_id == export)
    )
    row = result.mappings().one()
    return row["left_out"], row["noted"]


async def find_reason(tx: Tx, export: ExportId) -> str | None:
    """Why the first issue that is not in the file is not in it."""
    found = tx.select(items, items.c.left_out).where(items.c.export_id == export, items.c.left_out.is_not(None))
    row = (await tx.execute(found.order_by(items.c.ordinal).limit(1))).mappings().one_or_none()
    return None if row is None else str(row["left_out"]["code"])


def is_active(job: JobRow) -> bool:
    return Status(job["status"]) in ACTIVE
