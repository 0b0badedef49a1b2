"""Takes the steps of the demo as they go; shows each as one line with a bar, on a terminal and in a log alike."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_WIDTH = 24


class Step:
    """One line: it moves while the step goes on, and ends with what came out."""

    def __init__(self, progress: Progress | None, task: TaskID | None, title: str) -> None:
        self._progress, self._task, self._title = progress, task, title
        self._start = time.monotonic()
        self._done, self._total = 0, 1

    def move(self, done: int, total: int, note: str = "") -> None:
        self._done, self._total = done, max(total, 1)
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=self._done, total=self._total, note=note)

    def end(self, note: str) -> None:
        self.move(self._total, self._total, note)
        if self._progress is None:
            took = time.monotonic() - self._start
            print(f"{self._title:<34} [{'#' * _WIDTH}] {note}  ({took:.1f} s)", flush=True)


class Steps:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        self._number += 1
        line = f"{self._number}. {title}"
        if not self._console.is_terminal:
            yield Step(None, None, line)
            return
        columns = (TextColumn("{task.description:<34}"), BarColumn(_WIDTH), TextColumn("{task.fields[note]}"))
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            yield Step(progress, progress.add_task(line, total=1, note=""), line)


def new_steps() -> Steps:
    return Steps(Console(file=sys.stdout, highlight=False))
