"""Exports that a viewer may see: an id comes in, the row, its file or its manifest goes out."""

from common.clock import rfc3339
from common.contracts.http.exports import ExportError, ExportOptions, ManifestBody, ManifestEntry
from common.ids import ExportId, public_id
from common.issues.access import Viewer, read_access
from export_worker.app import App
from export_worker.domain.errors import ExportNotFound, NoFile, NotReady
from export_worker.domain.job import ACTIVE, WITH_RESULT, Status
from export_worker.domain.planning import first_pages
from export_worker.store.jobs import JobRow, find_job, list_items


async def get_export(export: ExportId, viewer: Viewer, app: App) -> JobRow:
    """Whoever sees just what the requester saw, in the connections that it shows, could have made it himself."""
    async with app.db.read(viewer.tenant) as reader:
        access = await read_access(reader, viewer)
        job = await find_job(reader, viewer.tenant, export)
    if job is None or not access.covers(job["access"]):
        raise ExportNotFound
    return job


async def get_export_with_file(export: ExportId, viewer: Viewer, app: App) -> JobRow:
    """Raises `NotReady` or `NoFile` with the status where there is no file."""
    job = await get_export(export, viewer, app)
    status = Status(job["status"])
    if status in ACTIVE or status is Status.PAUSED:
        raise NotReady(detail=f"It is {status.value}.", extra={"export_status": status.value})
    if status not in WITH_RESULT or job["purged_at"] is not None:
        raise NoFile(detail=f"It is {status.value}.", extra={"export_status": status.value})
    return job


async def get_manifest(export: ExportId, viewer: Viewer, app: App) -> ManifestBody:
    """Each issue with its revision and page, and what is not in the file, with the reason."""
    job = await get_export(export, viewer, app)
    async with app.db.read(viewer.tenant) as reader:
        rows = await list_items(reader, viewer.tenant, export)
    starts = first_pages([row["pages"] or 0 for row in rows])
    has_file = Status(job["status"]) in WITH_RESULT
    pages = [start if has_file and row["pages"] else None for row, start in zip(rows, starts, strict=True)]
    return ManifestBody(
        id=public_id("exp", export),
        status=job["status"],
        requested_by=public_id("usr", job["requested_by"]),
        created=rfc3339(job["created_at"]),
        as_of=None if job["as_of"] is None else rfc3339(job["as_of"]),
        format=job["format"],
        options=ExportOptions(locale=job["locale"], paper=job["paper"]),
        sha256=job["content_sha256"],
        items=[_entry(row, page) for row, page in zip(rows, pages, strict=True)],
    )


def _entry(row: JobRow, page: int | None) -> ManifestEntry:
    return ManifestEntry(
        issue_id=public_id("iss", row["issue_id"]),
        key=row["key"],
        revision=row["revision"],
        digest=row["digest"],
        page=page,
        pages=row["pages"],
        left_out=None if row["left_out"] is None else ExportError(**row["left_out"]),
        notes=[ExportError(**note) for note in row["notes"]],
    )
