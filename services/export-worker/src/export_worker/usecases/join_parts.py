"""The step that joins comes in; the parts become one checked file in object storage, and the export ends."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from export_worker.app import App
from export_worker.outbound.joining import BadDocument, count_pages, join_documents
from export_worker.store.jobs import find_job, lock_job
from export_worker.store.steps import LeaseLost, Step, complete_step, list_parts
from export_worker.usecases.finish_export import finish_export, result_of


async def join_parts(step: Step, app: App) -> None:
    """The parts themselves stay until the export is purged, so that a late failure costs no rendering."""
    async with app.db.read(step.tenant) as reader:
        job = await find_job(reader, step.tenant, step.export_id)
        parts = await list_parts(reader, step.tenant, step.export_id)
    if job is None:
        raise LeaseLost
    keys = [(key, pages) for key, pages in parts if key is not None]
    result = None
    if keys:
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            files = await _download(keys, Path(folder), app)
            target = Path(folder) / "whole.pdf"
            title = job["file_name"].removesuffix(".pdf")
            await asyncio.to_thread(join_documents, files, target, title=title, locale=job["locale"])
            pages = await asyncio.to_thread(_checked, target, sum(pages for _, pages in keys))
            await app.storage.put(step.object_key, target, file_name=job["file_name"], locale=job["locale"])
            result = await asyncio.to_thread(result_of, step.object_key, target, pages)
    async with app.db.uow(step.tenant) as tx:
        locked = await lock_job(tx, step.export_id)
        if locked is None:
            raise LeaseLost
        await complete_step(
            tx, step, object_key=step.object_key if result else None, pages=result.pages if result else 0
        )
        await finish_export(tx, locked, result, app)


async def _download(keys: Sequence[tuple[str, int]], folder: Path, app: App) -> list[Path]:
    files = []
    for number, (key, _) in enumerate(keys):
        file = folder / f"{number}.pdf"
        await app.storage.download(key, file)
        files.append(file)
    return files


def _checked(file: Path, expected: int) -> int:
    pages = count_pages(file)
    if pages != expected:
        raise BadDocument(f"{pages} pages instead of {expected}")
    return pages
