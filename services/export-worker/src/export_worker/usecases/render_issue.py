"""The frozen content of one issue comes in; its PDF, or why there is none, goes out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from common.errors import AppError
from common.ids import TenantId
from common.markup import Document
from common.markup.tree import Paragraph, Text
from export_worker.app import App
from export_worker.domain.errors import REASONS
from export_worker.domain.issue_document import IssueDocument, PrintedNames, RenderOptions
from export_worker.domain.printing import Printable, WantedImage, printable
from export_worker.metrics import IMAGES, ISSUES_RENDERED
from export_worker.outbound.pdf import RenderCrashed, RenderFailed, RenderJob, RenderTimeout
from export_worker.store.jobs import JobRow
from export_worker.store.mirror import list_names
from export_worker.usecases.tenant_wishes import read_brand

_FAILURES = (RenderFailed, RenderTimeout, RenderCrashed)
_AT_ONCE = 4
_PAGES = {"a4": "A4", "letter": "Letter"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of one issue; `left_out` with a PDF means that a page with the reason stands in its place."""

    pdf: bytes | None
    left_out: Mapping[str, str] | None = None
    notes: list[Mapping[str, str]] = field(default_factory=list)


async def render_issue(job: JobRow, item: JobRow, tenant: TenantId, app: App) -> Rendered:
    """Whatever an issue holds, the rest of the export goes on."""
    if item["content"] is None:
        return _left_out(RenderFailed(detail="Its content is gone."), None)
    wanted = printable(orjson.loads(item["content"]), job["as_of"] or job["created_at"])
    options = await _options(wanted, job, tenant, app)
    images, notes = await _images(wanted, tenant, app)
    try:
        pdf = await _render(RenderJob.of(wanted.document, images, options), app)
    except _FAILURES as failure:
        # An export of one issue has nothing else to show: it fails, instead of handing out a page of excuses.
        return _left_out(failure, None if job["total"] == 1 else await _placeholder(wanted, failure, options, app))
    ISSUES_RENDERED.labels("exported").inc()
    return Rendered(pdf, notes=notes)


async def _render(job: RenderJob, app: App) -> bytes:
    """A process may have died for want of memory that others took: one more try, alone in a fresh one."""
    try:
        return await app.renderer.render(job)
    except RenderCrashed:
        return await app.renderer.render(job)


def _left_out(failure: AppError, placeholder: bytes | None) -> Rendered:
    ISSUES_RENDERED.labels("left_out" if placeholder is None else "placeholder").inc()
    return Rendered(placeholder, {"code": failure.code, "detail": REASONS[failure.code]})


async def _options(wanted: Printable, job: JobRow, tenant: TenantId, app: App) -> RenderOptions:
    people: dict[str, str] = {}
    async with app.db.read(tenant) as reader:
        if wanted.people:
            people = await list_names(reader, tenant, wanted.connection_id, wanted.people)
        brand = await read_brand(reader)
    names = PrintedNames(people, wanted.browse_url)
    return RenderOptions(language=job["locale"], page=_PAGES[job["paper"]], names=names, brand=brand)


async def _placeholder(wanted: Printable, failure: AppError, options: RenderOptions, app: App) -> bytes | None:
    document = wanted.document
    text = Document((Paragraph((Text(REASONS[failure.code]),)),))
    page = IssueDocument(
        key=document.key,
        summary=document.summary,
        project=document.project,
        type=document.type,
        status=document.status,
        created=document.created,
        updated=document.updated,
        as_of=document.as_of,
        instance=document.instance,
        url=document.url,
        description=text,
    )
    try:
        return await app.renderer.render(RenderJob.of(page, {}, options))
    except _FAILURES:
        return None


async def _images(wanted: Printable, tenant: TenantId, app: App) -> tuple[dict[str, bytes], list[Mapping[str, str]]]:
    """Fetched side by side within one time limit; an image that does not come is a note, never a failure."""
    fetched: dict[str, bytes] = {}
    left = app.settings.images_bytes
    gate = asyncio.Semaphore(_AT_ONCE)

    async def fetch(image: WantedImage) -> bool:
        nonlocal left
        async with gate:
            limit = min(app.settings.image_bytes, left)
            if image.size > limit:
                return False
            data = await app.attachments.fetch(tenant, wanted.connection_id, image.attachment, limit)
        if data is None:
            return False
        left -= len(data)
        fetched.update(dict.fromkeys(image.names, data))
        return True

    async def within_time(image: WantedImage) -> bool:
        try:
            async with asyncio.timeout(app.settings.images_timeout.total_seconds()):
                return await fetch(image)
        except TimeoutError:
            return False

    came = await asyncio.gather(*(within_time(image) for image in wanted.images))
    missing = [image for image, there in zip(wanted.images, came, strict=True) if not there]
    IMAGES.labels("fetched").inc(len(wanted.images) - len(missing))
    IMAGES.labels("missing").inc(len(missing))
    code = "image.unavailable"
    return fetched, [{"code": code, "detail": f"{image.name}: {REASONS[code]}"} for image in missing]
