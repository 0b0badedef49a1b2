"""/api/v1/exports: the doors that change exports and hand out their files. The gateway lists them."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from common.contracts.http.exports import ExportBody, ExportRequest, ManifestBody
from common.ids import ConnectionId, parse_id
from export_worker.domain.errors import SourceNotSupported, TemplateNotSupported
from export_worker.inbound import answers
from export_worker.inbound.dependencies import (
    AppDep,
    Creator,
    ExportDep,
    KeyDep,
    Reader,
    idempotent,
    viewer_of,
)
from export_worker.usecases.change_export import cancel_export, resume_export
from export_worker.usecases.create_export import order_export
from export_worker.usecases.find_export import get_export_with_file, get_manifest
from export_worker.usecases.place_job import Order

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.post("", status_code=202, response_model=ExportBody, summary="Export issues")
async def create(
    caller: Creator, wanted: ExportRequest, request: Request, app: AppDep, idempotency_key: KeyDep = None
) -> Response:
    """The set is frozen now, as the caller sees it now; rendering goes on after the answer."""
    if wanted.template is not None:
        raise TemplateNotSupported
    source = wanted.source
    if source.issues is None or source.jql is not None or source.filter is not None:
        raise SourceNotSupported(detail="source.jql and source.filter come with the query language.")
    connection = None if source.connection is None else ConnectionId(parse_id("con", source.connection))
    order = Order(
        kind="set",
        viewer=viewer_of(caller),
        source=source.model_dump(exclude_none=True),
        options=wanted.options,
        by=caller,
    )
    key = await idempotent(request, caller, idempotency_key)
    return answers.kept(await order_export(order, source.issues, connection, key, app))


@router.delete("/{export}", response_model=ExportBody, summary="Cancel an export")
async def cancel(caller: Creator, export: ExportDep, app: AppDep) -> Response:
    return answers.state(await cancel_export(export, viewer_of(caller), app, by=caller))


@router.post("/{export}/resume", status_code=202, response_model=ExportBody, summary="Let a failed export go on")
async def resume(caller: Creator, export: ExportDep, app: AppDep) -> Response:
    return answers.state(await resume_export(export, viewer_of(caller), app), status=202)


@router.get("/{export}/manifest", response_model=ManifestBody, summary="What is in an export and what is not")
async def manifest(caller: Reader, export: ExportDep, app: AppDep) -> ManifestBody:
    return await get_manifest(export, viewer_of(caller), app)


@router.get("/{export}/content", summary="The file of an export")
async def content(
    caller: Reader,
    export: ExportDep,
    app: AppDep,
    redirect: bool = True,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """307 to an address that works for minutes, or the bytes with `?redirect=false`."""
    job = await get_export_with_file(export, viewer_of(caller), app)
    if not redirect or answers.matches(if_none_match, job):
        return await answers.file(job, app, inline=False, if_none_match=if_none_match)
    address = app.storage.presigned(job["content_key"], app.settings.download_ttl)
    return Response(status_code=307, headers={"Location": address, "Cache-Control": "no-store"})
