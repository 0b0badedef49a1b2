"""Takes questions to running programs; returns when each is answered well, or says which one is not and why."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from stack.errors import StackError
from stack.layout import RunDir
from stack.process.supervision import Supervisor

# A question answers None when all is well, otherwise the reason why not.
Question = Callable[[], Awaitable[str | None]]
T = TypeVar("T")
_PAUSE = 0.05
_ENDS_AGAIN_AND_AGAIN = 20.0


@dataclass
class _Waiting:
    run: RunDir
    end: float
    down_since: dict[str, float]

    def give_up(self, name: str, reason: str) -> StackError:
        return StackError(f"{name} is not ready: {reason}\n{log_tail(self.run.logs / f'{name}.log')}")

    def note_state(self, name: str, state: str) -> bool:
        """False once a program has kept ending for so long that waiting on has no sense."""
        if state in {"RUNNING", "STOPPED"}:
            self.down_since.pop(name, None)
            return True
        return time.monotonic() - self.down_since.setdefault(name, time.monotonic()) < _ENDS_AGAIN_AND_AGAIN


def log_tail(path: Path, lines: int = 12) -> str:
    if not path.exists():
        return f"(no log at {path})"
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 16_384))
        text = file.read().decode(errors="replace")
    return "\n".join([f"the last lines of {path}:", *(f"  {line}" for line in text.splitlines()[-lines:])])


async def wait_until_ready(
    run: RunDir,
    questions: Mapping[str, Question],
    seconds: float,
    said: Callable[[str, float], None] = lambda _name, _took: None,
) -> None:
    """Asks all side by side, as often as answers come; names the first one that stays away."""
    waiting = _Waiting(run, time.monotonic() + seconds, {})
    async with asyncio.TaskGroup() as group:
        for name, question in questions.items():
            group.create_task(_wait_for_one(waiting, name, question, said))


async def _wait_for_one(waiting: _Waiting, name: str, question: Question, said: Callable[[str, float], None]) -> None:
    start = time.monotonic()
    supervisor = Supervisor(waiting.run)
    pause, ask_supervisor_at = _PAUSE, start + 2
    while (reason := await question()) is not None:
        now = time.monotonic()
        if now > waiting.end:
            raise waiting.give_up(name, reason)
        if now > ask_supervisor_at:
            ask_supervisor_at = now + 1
            states = {s.name: s.state for s in await asyncio.to_thread(supervisor.states)}
            if not waiting.note_state(name, states.get(name, "STOPPED")):
                raise waiting.give_up(name, "it ends again and again")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.3)
    said(name, time.monotonic() - start)


def run_async(coroutine: Coroutine[object, object, T]) -> T:
    """Runs it in a loop of its own, also when the caller (pytest) is inside one."""
    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(asyncio.run, coroutine).result()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
