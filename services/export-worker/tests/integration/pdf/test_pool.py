"""The render processes: bounded in time and memory, replaced in time, deaf to the service's secrets."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sample_issue import ASSETS, ISSUE, history, issue_with

from export_worker.outbound.pdf import (
    RenderCrashed,
    RenderFailed,
    RenderJob,
    RenderLimits,
    RenderPool,
    RenderTimeout,
)

SMALL = RenderJob.of(issue_with("small"), {})
LARGE = RenderJob.of(replace(ISSUE, history=history(4000)), {})
WAIT = 30.0


@pytest.fixture
async def pool() -> AsyncIterator[RenderPool]:
    async with RenderPool() as pool:
        yield pool


def is_pdf(document: bytes) -> bool:
    with pikepdf.open(BytesIO(document)) as pdf:
        return len(pdf.pages) >= 1


def pids(pool: RenderPool) -> set[int]:
    return {worker.process.pid for worker in [*pool._idle, *pool._busy]}


async def busy_pid(pool: RenderPool) -> int:
    async with asyncio.timeout(WAIT):
        while not pool._busy:
            await asyncio.sleep(0.01)
    return next(iter(pool._busy)).process.pid


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def test_one_process_renders_one_document_after_the_other(pool: RenderPool) -> None:
    assert is_pdf(await pool.render(RenderJob.of(ISSUE, ASSETS)))
    first = pids(pool)
    assert is_pdf(await pool.render(SMALL))
    assert pids(pool) == first
    assert len(first) == 1


async def test_a_late_job_ends_with_its_process_and_the_next_one_works(pool: RenderPool) -> None:
    await pool.render(SMALL)
    (pid,) = pids(pool)
    with pytest.raises(RenderTimeout) as caught:
        await pool.render(LARGE, timedelta(seconds=0.3))
    assert caught.value.code == "export.render_timeout"
    assert not is_running(pid)
    assert is_pdf(await pool.render(SMALL))


async def test_a_killed_process_is_told_and_replaced(pool: RenderPool) -> None:
    job = asyncio.create_task(pool.render(LARGE))
    os.kill(await busy_pid(pool), signal.SIGKILL)
    with pytest.raises(RenderCrashed) as caught:
        await job
    assert caught.value.code == "export.worker_died"
    assert is_pdf(await pool.render(SMALL))


async def test_a_process_that_died_while_idle_costs_no_job(pool: RenderPool) -> None:
    await pool.render(SMALL)
    worker = pool._idle[0]
    worker.process.kill()
    await worker.process.wait()
    assert is_pdf(await pool.render(SMALL))


async def test_a_cancelled_job_leaves_no_process_behind(pool: RenderPool) -> None:
    job = asyncio.create_task(pool.render(LARGE))
    pid = await busy_pid(pool)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not is_running(pid)


async def test_a_document_that_cannot_be_made_is_an_error_and_the_process_lives(pool: RenderPool) -> None:
    await pool.render(SMALL)
    before = pids(pool)
    with pytest.raises(RenderFailed) as caught:
        await pool.render(RenderJob(issues=()))
    assert caught.value.extra["reason"].startswith("ValueError")
    assert pids(pool) == before


async def test_want_of_memory_ends_the_process_and_not_the_service() -> None:
    async with RenderPool(RenderLimits(memory_bytes=420 * 1024**2)) as pool:
        with pytest.raises(RenderCrashed):
            await pool.render(LARGE)
        assert pids(pool) == set()


async def test_a_process_is_replaced_after_its_share() -> None:
    async with RenderPool(RenderLimits(documents_per_process=1)) as pool:
        jobs = [asyncio.create_task(pool.render(SMALL)) for _ in range(2)]
        seen = {await busy_pid(pool)}
        await jobs[0]
        seen.add(await busy_pid(pool))
        await jobs[1]
        assert len(seen) == 2
        assert pids(pool) == set()


async def test_no_more_processes_than_allowed_work_at_once() -> None:
    async with RenderPool(RenderLimits(processes=2)) as pool:
        documents = await asyncio.gather(*(pool.render(SMALL) for _ in range(5)))
        assert len(set(documents)) == 1
        assert len(pids(pool)) == 2


async def test_the_process_knows_no_secret_of_the_service(pool: RenderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    await pool.render(SMALL)
    (pid,) = pids(pool)
    environment = await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)
    assert b"secret" not in environment
    assert b"LANG=C.UTF-8" in environment


async def test_closing_ends_every_process_and_the_job_in_hand() -> None:
    pool = RenderPool()
    job = asyncio.create_task(pool.render(LARGE))
    pid = await busy_pid(pool)
    await pool.close()
    with pytest.raises(RenderCrashed):
        await job
    assert not is_running(pid)
    with pytest.raises(RenderCrashed):
        await pool.render(SMALL)
