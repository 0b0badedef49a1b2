"""`/audit`: the log of who did what, a page at a time or as a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from api_gateway.audit.inbound.queries import AuditExportQuery, AuditQuery
from api_gateway.audit.inbound.shapes import AuditLog
from api_gateway.audit.usecases.read_log import LogReader, export_log, read_log
from api_gateway.gate.domain.prices import Lane, priced
from api_gateway.inbound.answers import json_answer
from api_gateway.inbound.dependencies import AppDep
from api_gateway.usecases.list_collection import PageRequest
from common.web.tokens import Caller, Operator, requires_reader

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

AuditReader = Annotated[Caller | Operator, requires_reader("audit:read")]

_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8; header=present"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/jsonl": {}, "text/csv": {}}}
}


@router.get("", summary="The audit log, newest first", responses={200: {"model": AuditLog}})
async def get_audit(
    request: Request, caller: AuditReader, app: AppDep, query: Annotated[AuditQuery, Query()]
) -> Response:
    """A member reads the log of his tenant, the platform operator that of the platform."""
    page = PageRequest(query.limit, query.cursor)
    by = LogReader(caller)
    return json_answer(request, await read_log(query.question(), page, counted=query.count, by=by, app=app))


@router.get(
    "/export",
    summary="The audit log as a file",
    responses=_FILE,
    openapi_extra=priced(cost=50, lane=Lane.STREAM),
)
async def export_audit(caller: AuditReader, app: AppDep, query: Annotated[AuditExportQuery, Query()]) -> Response:
    """Streams every entry that the filters let through, newest first."""
    parts = await export_log(query.question(), query.format, by=LogReader(caller), app=app)
    name = f"audit-{app.clock():%Y-%m-%d}.{query.format}"
    return StreamingResponse(
        parts,
        headers={
            "Content-Type": _TYPES[query.format],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
