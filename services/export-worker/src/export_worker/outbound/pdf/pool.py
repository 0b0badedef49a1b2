"""Render jobs come in, PDFs go out, each made by a process of its own with bounded time and memory."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from export_worker.outbound.pdf.render_errors import RenderCrashed, RenderFailed, RenderTimeout
from export_worker.outbound.pdf.render_job import (
    FAILED,
    HEADER_SIZE,
    OUT_OF_MEMORY,
    PDF,
    RenderJob,
    pack_job,
    read_header,
)
from export_worker.outbound.pdf.typefaces import missing_parts

log = structlog.get_logger(__name__)

_MODULE = "export_worker.outbound.pdf.render_process"
_START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """`memory_bytes` is address space: fonts that are only mapped count too, so it is above the real use."""

    processes: int = 1
    time: timedelta = timedelta(minutes=2)
    memory_bytes: int = 3 * 1024**3
    documents_per_process: int = 50


@dataclass(slots=True, eq=False)
class _Worker:
    process: Process
    documents: int = 0

    async def read(self) -> tuple[bytes, bytes]:
        assert self.process.stdout is not None  # noqa: S101 (started with a pipe)
        kind, length = read_header(await self.process.stdout.readexactly(HEADER_SIZE))
        return kind, await self.process.stdout.readexactly(length)

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        assert self.process.stdin is not None  # noqa: S101 (started with a pipe)
        self.process.stdin.write(request)
        await self.process.stdin.drain()
        return await self.read()

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class RenderPool:
    """At most `processes` jobs at a time, the others wait; a process is replaced after its share of documents."""

    def __init__(self, limits: RenderLimits | None = None) -> None:
        self._limits = limits or RenderLimits()
        self._free = asyncio.Semaphore(self._limits.processes)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False
        self._warming: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for sentence in await asyncio.to_thread(missing_parts):
            log.warning("pdf_part_missing", what=sentence)
        self._warming = asyncio.create_task(self._warm_up(), name="warm up the renderer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every process at once; jobs in hand fail with RenderCrashed and are repeated by whoever asked."""
        self._closed = True
        if self._warming is not None:
            self._warming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._warming
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in workers))

    async def render(self, job: RenderJob, time_limit: timedelta | None = None) -> bytes:
        request = await asyncio.to_thread(pack_job, job)
        async with self._free:
            worker = self._take_idle() or await self._start()
            self._busy.add(worker)
            try:
                return await self._run(worker, request, time_limit or self._limits.time)
            finally:
                self._busy.discard(worker)
                await self._put_back(worker)

    async def _warm_up(self) -> None:
        """A process takes seconds to start: the first document should not have to wait for it."""
        for _ in range(self._limits.processes):
            async with self._free:
                try:
                    await self._put_back(self._take_idle() or await self._start())
                except RenderCrashed as error:
                    log.warning("renderer_did_not_start", detail=str(error))

    def _take_idle(self) -> _Worker | None:
        """A process that the system ended while it waited is passed over."""
        while self._idle:
            worker = self._idle.pop()
            if worker.process.returncode is None:
                return worker
        return None

    async def _run(self, worker: _Worker, request: bytes, time_limit: timedelta) -> bytes:
        keep = False
        try:
            async with asyncio.timeout(time_limit.total_seconds()):
                kind, body = await worker.ask(request)
            keep = kind != OUT_OF_MEMORY
        except TimeoutError:
            raise RenderTimeout from None
        except (asyncio.IncompleteReadError, OSError):
            raise RenderCrashed(extra={"exit": await worker.process.wait()}) from None
        finally:
            # A cancelled or late job leaves a process that is busy with it, a starved one is of no more use.
            if not keep:
                await worker.kill()
        worker.documents += 1
        return _result(kind, body)

    async def _start(self) -> _Worker:
        if self._closed:
            raise RenderCrashed(detail="The renderer is shutting down.")
        limits = self._limits
        cpu_seconds = int(limits.time.total_seconds() * limits.documents_per_process) + int(_START_LIMIT)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _MODULE, str(limits.memory_bytes), str(cpu_seconds)),
            stdin=PIPE,
            stdout=PIPE,
            env=_environment(),
        )
        worker = _Worker(process)
        try:
            async with asyncio.timeout(_START_LIMIT):
                await worker.read()
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await worker.kill()
            raise RenderCrashed(detail="The render process did not start.") from error
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def _put_back(self, worker: _Worker) -> None:
        alive = worker.process.returncode is None
        if alive and worker.documents < self._limits.documents_per_process and not self._closed:
            self._idle.append(worker)
        elif alive:
            await worker.kill()


def _environment() -> dict[str, str]:
    """Nothing of the service's own environment but where fonts and modules are."""
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _result(kind: bytes, body: bytes) -> bytes:
    if kind == PDF:
        return body
    if kind == OUT_OF_MEMORY:
        raise RenderCrashed(extra={"reason": "memory"})
    reason = body.decode(errors="replace") if kind == FAILED else "unexpected answer"
    raise RenderFailed(extra={"reason": reason})
