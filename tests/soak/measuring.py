"""A run directory in; memory, open files and database connections of each service out."""

from dataclasses import dataclass

import psutil

from stack.layout import RunDir
from stack.plan.services import SERVICE_NAMES


@dataclass(frozen=True)
class Size:
    """Of one service with its children: proportional memory in MB, open files, connections to Postgres."""

    memory: float
    files: int
    database: int

    def __str__(self) -> str:
        return f"{self.memory:6.1f} MB {self.files:4d} files {self.database:3d} database connections"


def measure(run: RunDir, postgres_port: int) -> dict[str, Size]:
    """All services now."""
    return {name: _size(int((run.pids / name).read_text()), postgres_port) for name in SERVICE_NAMES}


def _size(pid: int, postgres_port: int) -> Size:
    root = psutil.Process(pid)
    memory = files = database = 0
    for process in (root, *root.children(recursive=True)):
        try:
            memory += process.memory_full_info().pss
            files += process.num_fds()
            ends = [connection.raddr for connection in process.net_connections("tcp") if connection.raddr]
        except psutil.NoSuchProcess:  # a rendering process that has just done its work
            continue
        database += sum(end.port == postgres_port for end in ends)
    return Size(memory / 2**20, files, database)


def middle(sizes: list[Size]) -> Size:
    """The median of each figure: a single look may meet a burst."""
    return Size(
        sorted(size.memory for size in sizes)[len(sizes) // 2],
        sorted(size.files for size in sizes)[len(sizes) // 2],
        sorted(size.database for size in sizes)[len(sizes) // 2],
    )
