"""A step that renders comes in; its part lies in object storage, and its issues are accounted for."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from export_worker.app import App
from export_worker.outbound.joining import count_pages, join_documents
from export_worker.store.jobs import JobRow, find_job, list_contents, lock_job, note_item, update_job
from export_worker.store.steps import LeaseLost, Step, complete_step, wake_joining
from export_worker.usecases.change_export import emit_progress
from export_worker.usecases.finish_export import Result, finish_export, result_of
from export_worker.usecases.render_issue import Rendered, render_issue


@dataclass(frozen=True, slots=True)
class _Part:
    """The issues of a step, rendered: how many pages each has, and all of them in one file, if there are any."""

    rendered: Mapping[int, Rendered]
    pages: Mapping[int, int]
    file: Path | None


async def render_chunk(step: Step, app: App) -> None:
    """Nothing is stored twice: what a worker did whose lease ran out lies under a key that nobody looks at."""
    async with app.db.read(step.tenant) as reader:
        job = await find_job(reader, step.tenant, step.export_id)
        items = await list_contents(reader, step.tenant, step.export_id, step.first, step.last)
    if job is None:
        raise LeaseLost
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        rendered = {item["ordinal"]: await render_issue(job, item, step.tenant, app) for item in items}
        part = await asyncio.to_thread(_join, rendered, Path(folder), job)
        result = None
        if part.file is not None:
            await app.storage.put(step.object_key, part.file, file_name=job["file_name"], locale=job["locale"])
            result = await asyncio.to_thread(result_of, step.object_key, part.file, sum(part.pages.values()))
    await _account(step, part, result, app)


def _join(rendered: Mapping[int, Rendered], folder: Path, job: JobRow) -> _Part:
    files: list[Path] = []
    pages: dict[int, int] = {}
    for ordinal, one in rendered.items():
        pages[ordinal] = 0
        if one.pdf is not None:
            file = folder / f"{ordinal}.pdf"
            file.write_bytes(one.pdf)
            pages[ordinal] = count_pages(file)
            files.append(file)
    if len(files) <= 1:
        return _Part(rendered, pages, files[0] if files else None)
    target = folder / "part.pdf"
    join_documents(files, target, title=job["file_name"].removesuffix(".pdf"), locale=job["locale"])
    return _Part(rendered, pages, target)


async def _account(step: Step, part: _Part, result: Result | None, app: App) -> None:
    pages = sum(part.pages.values())
    async with app.db.uow(step.tenant) as tx:
        job = await lock_job(tx, step.export_id)
        if job is None:
            raise LeaseLost
        is_last = await complete_step(tx, step, object_key=result.key if result else None, pages=pages)
        for ordinal, one in part.rendered.items():
            await note_item(
                tx, step.export_id, ordinal, pages=part.pages[ordinal], left_out=one.left_out, notes=one.notes
            )
        done = {"done": job["done"] + len(part.rendered), "pages": job["pages"] + pages}
        await update_job(tx, step.export_id, **done, waiting_since=None, error_code=None, error_detail=None)
        await emit_progress(tx, {**job, **done}, app)
        if is_last and not await wake_joining(tx, step.export_id):
            await finish_export(tx, {**job, **done}, result, app)
    app.work.set()
