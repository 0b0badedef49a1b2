"""The timers: workers that look for steps, and the sweeper."""

import asyncio
from contextlib import suppress

import structlog

from common.errors import AppError
from export_worker.app import App
from export_worker.usecases.sweep_files import sweep_files
from export_worker.usecases.work_step import work_step

log = structlog.get_logger(__name__)

_AFTER_FAILURE = 1.0


async def run_workers(app: App) -> None:
    """As many as the settings say, until they are cancelled; then each hands back what it has in hand."""
    async with asyncio.TaskGroup() as group:
        for number in range(app.settings.workers):
            group.create_task(_worker(app), name=f"export worker {number}")


async def _worker(app: App) -> None:
    while True:
        try:
            if await work_step(app):
                continue
        except AppError as error:
            log.warning("worker_paused", code=error.code)
            await asyncio.sleep(_AFTER_FAILURE)
        except Exception:
            log.exception("step_failed")
            await asyncio.sleep(_AFTER_FAILURE)
        await _rest(app)


async def _rest(app: App) -> None:
    """Until somebody says that there is work, or the timer runs out: work may come from anywhere."""
    with suppress(TimeoutError):
        await asyncio.wait_for(app.work.wait(), app.settings.idle_poll.total_seconds())
    app.work.clear()


async def run_sweeper(app: App) -> None:
    while True:
        try:
            await sweep_files(app)
        except AppError as error:
            log.warning("sweep_postponed", code=error.code)
        await asyncio.sleep(app.settings.sweep_every.total_seconds())
