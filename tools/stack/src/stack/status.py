"""Takes a run directory; prints each process of its stack with state, pid, memory and health."""

import contextlib
import time

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from stack.layout import RunDir
from stack.plan.public_env import read_public_env
from stack.ports import SERVICE_OFFSETS, Ports
from stack.process.supervision import ProgramState, Supervisor


def print_status(run: RunDir) -> int:
    """0 when everything runs and every service is ready, otherwise 1."""
    supervisor = Supervisor(run)
    if not supervisor.is_running():
        print("Nothing runs: make up")
        return 1
    env = read_public_env(run)
    ports = Ports(int(env["PORT_BASE"])) if env else None
    table = Table("name", "state", "pid", "since", "memory", "health")
    good = True
    for state in supervisor.states():
        health = _health(state, ports)
        good = good and state.state == "RUNNING" and not health.startswith("!")
        since = f"{time.time() - state.started:.0f} s" if state.pid else ""
        table.add_row(state.name, state.state, str(state.pid or ""), since, _memory(state.pid), health.lstrip("!"))
    Console().print(table)
    if env:
        print(
            f"gateway {env['JIRA_EXPORT_URL']}   websocket {env['JIRA_EXPORT_WS_URL']}   login and addresses: {run.env}"
        )
    return 0 if good else 1


def _memory(pid: int) -> str:
    """Proportional set size of the process with its children: shared pages count once."""
    if not pid:
        return ""
    total = 0
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(pid)
        for process in [family, *family.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
    return f"{total / 2**20:.0f} MB"


def _health(state: ProgramState, ports: Ports | None) -> str:
    if state.name not in SERVICE_OFFSETS or ports is None:
        return ""
    try:
        answer = httpx.get(f"http://127.0.0.1:{ports.service(state.name)}/health/ready", timeout=3, trust_env=False)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as err:
        return f"!{err}"
    word = str(body.get("status", answer.status_code))
    bad = {name: check for name, check in body.get("checks", {}).items() if _is_bad(check)}
    text = f"{word} {bad}" if bad else word
    return text if answer.status_code == httpx.codes.OK else f"!{text}"


def _is_bad(check: object) -> bool:
    return (check.get("status") if isinstance(check, dict) else check) not in {"up", "ok", "ready", True}
