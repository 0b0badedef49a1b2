"""Exports as their owner wrote them: the gateway reads schema `exports`, and never writes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Table, Text, Uuid, and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from common.contracts.http.exports import JOB_COLUMNS
from common.db.reading import Reader, compile_read
from common.ids import ExportId
from common.issues.access import Access
from common.issues.scope import bound, is_covered, of_tenant

_TYPES: dict[str, TypeEngine[Any]] = {
    "export_id": Uuid(),
    "requested_by": Uuid(),
    "source": JSONB(),
    "total": Integer(),
    "done": Integer(),
    "pages": Integer(),
    "as_of": DateTime(timezone=True),
    "created_at": DateTime(timezone=True),
    "finished_at": DateTime(timezone=True),
    "expires_at": DateTime(timezone=True),
    "content_size": BigInteger(),
}

#: Only what the gateway shows; the table belongs to export-worker's migrations.
jobs = Table(
    "jobs",
    MetaData(schema="exports"),
    Column("tenant_id", Uuid()),
    Column("access", Text()),
    *(Column[Any](name, _TYPES.get(name, Text())) for name in JOB_COLUMNS),
)


async def find_export(reader: Reader, access: Access, export: ExportId) -> asyncpg.Record | None:
    """An export of connections in which the viewer sees just what its maker saw."""
    return await reader.fetchrow(_ONE, tenant=reader.tenant, prints=access.prints(), export=export)


async def list_exports(
    reader: Reader, access: Access, *, limit: int, after: tuple[datetime, UUID] | None
) -> Sequence[asyncpg.Record]:
    """Newest first; `after` is the (created, id) of the last one seen."""
    if after is None:
        return await reader.fetch(_FIRST, tenant=reader.tenant, prints=access.prints(), limit=limit)
    return await reader.fetch(
        _NEXT, tenant=reader.tenant, prints=access.prints(), limit=limit, a0=after[0], a1=after[1]
    )


_SEEN = select(*(jobs.c[name] for name in JOB_COLUMNS)).where(of_tenant(jobs), is_covered(jobs.c.access))
_ONE = compile_read(_SEEN.where(jobs.c.export_id == bound("export", Uuid())))
_ORDERED = _SEEN.order_by(jobs.c.created_at.desc(), jobs.c.export_id).limit(bound("limit", Integer()))
_FIRST = compile_read(_ORDERED)
_TIME, _LAST = bound("a0", DateTime(timezone=True)), bound("a1", Uuid())
_NEXT = compile_read(
    _ORDERED.where(
        jobs.c.created_at <= _TIME,
        or_(jobs.c.created_at < _TIME, and_(jobs.c.created_at == _TIME, jobs.c.export_id > _LAST)),
    )
)
