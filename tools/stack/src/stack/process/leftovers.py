"""Takes a run directory; finds and ends what an earlier run of its stack has left behind."""

import contextlib
import os
import signal
from collections.abc import Iterator

import psutil

from stack.layout import RunDir
from stack.process.supervision import MARKER


def find_leftovers(run: RunDir) -> list[psutil.Process]:
    """Every living process that was started by a supervisord of this run directory, and that supervisord itself."""
    own = {os.getpid(), *(p.pid for p in psutil.Process().parents())}
    return [process for process in psutil.process_iter() if process.pid not in own and _belongs(process, run)]


def _belongs(process: psutil.Process, run: RunDir) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if process.environ().get(MARKER) == str(run.root):
            return process.status() != psutil.STATUS_ZOMBIE
    return False


def end_leftovers(run: RunDir, seconds: float = 10) -> list[str]:
    """Ends them, supervisord first so that it starts nothing again; returns what they were."""
    found = find_leftovers(run)
    names = [_name(process) for process in found]
    for group in _in_order(found):
        for process in group:
            # PostgreSQL takes INT as a fast shutdown; TERM would make it wait for its clients.
            _signal(process, signal.SIGINT if "postgres" in _name(process) else signal.SIGTERM)
        for process in psutil.wait_procs(group, timeout=seconds)[1]:
            _signal(process, signal.SIGKILL)
    psutil.wait_procs(found, timeout=5)
    forget_pids(run)
    return names


def _in_order(found: list[psutil.Process]) -> Iterator[list[psutil.Process]]:
    keepers = [process for process in found if "supervisord" in _name(process)]
    yield keepers
    rest = [process for process in found if process not in keepers]
    parts = [process for process in rest if _is_part(_name(process))]
    yield [process for process in rest if process not in parts]
    yield parts


def _is_part(command: str) -> bool:
    return any(word in command for word in ("postgres", "redis-server", "valkey-server", "kafka.Kafka", "weed"))


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        command = " ".join(process.cmdline())
        # A Java class path hides the name of the program at its end.
        return command if len(command) < 300 else f"{command[:60]} … {command[-200:]}"
    return "(ended)"


def _signal(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def forget_pids(run: RunDir) -> None:
    """Removes pid files and the socket of a supervisord that is gone."""
    for file in run.pids.glob("*") if run.pids.exists() else ():
        file.unlink(missing_ok=True)
    run.supervisor_socket.unlink(missing_ok=True)
