"""Takes the programs of a stack; writes supervisord's configuration, starts it and talks to it over its socket."""

import contextlib
import http.client
import os
import shlex
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil

from stack.errors import StackError
from stack.layout import RunDir, python
from stack.process import launch
from stack.process.programs import Program

# Every process of a stack carries this variable: what a crash leaves behind is found by it.
MARKER = "JIRA_EXPORT_STACK_OF"
_KEPT_VARIABLES = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "JAVA_HOME")
_GONE = (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, http.client.HTTPException)


@dataclass(frozen=True)
class ProgramState:
    name: str
    state: str
    pid: int
    started: float
    note: str


def supervisor_config(programs: Sequence[Program], run: RunDir) -> str:
    sections = [
        "[supervisord]",
        f"logfile={_escaped(run.logs / 'supervisord.log')}",
        f"pidfile={_escaped(run.pids / 'supervisord')}",
        f"childlogdir={_escaped(run.logs)}",
        "logfile_maxbytes=5MB",
        "logfile_backups=1",
        *(["user=root"] if os.geteuid() == 0 else []),
        "",
        "[unix_http_server]",
        f"file={_escaped(run.supervisor_socket)}",
        "chmod=0700",
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "",
    ]
    return "\n".join(sections + [line for program in programs for line in _program_section(program, run)])


def _program_section(program: Program, run: RunDir) -> list[str]:
    launcher = [python(), "-I", "-S", launch.__file__, "--pid-file", str(run.pids / program.name)]
    launcher += ["--env-file", str(program.env_file)] if program.env_file else []
    launcher += ["--user", program.user] if program.user else []
    return [
        f"[program:{program.name}]",
        f"command={_escaped(shlex.join([*launcher, '--', *program.command]))}",
        f"directory={_escaped('/' if program.user else run.root)}",
        "autostart=false",
        "autorestart=true",
        "startretries=100000",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        # The stop signal goes to the program alone, which ends its own children in order; SIGKILL goes to all of them.
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_escaped(run.logs / program.name)}.log",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=2",
        "",
    ]


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.settimeout(self.timeout)
            door.connect(str(self._path))
        except OSError:
            door.close()
            raise
        self.sock = door


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _SocketConnection(self._path)
        # The place where the library looks for what it has to close.
        self._connection = host, connection
        return connection


class Supervisor:
    """The supervisord of one run directory, running or not."""

    def __init__(self, run: RunDir) -> None:
        self._run = run

    def _ask(self, method: str, *arguments: object) -> Any:
        with xmlrpc.client.ServerProxy(
            "http://localhost/RPC2", transport=_SocketTransport(self._run.supervisor_socket)
        ) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def is_running(self) -> bool:
        try:
            return cast("str", self._ask("getState")["statename"]) == "RUNNING"
        except _GONE:
            return False

    def pid(self) -> int:
        return cast("int", self._ask("getPID"))

    def launch(self, config: Path, seconds: float = 15) -> None:
        env = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        done = subprocess.run(
            [python(), "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(config)],
            env=env | {MARKER: str(self._run.root), "PYTHONUNBUFFERED": "1"},
            cwd=self._run.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        end = time.monotonic() + seconds
        while not self.is_running():
            if done.returncode or time.monotonic() > end:
                message = f"supervisord did not start: {(done.stdout + done.stderr).strip()[-500:]}"
                raise StackError(message)
            time.sleep(0.02)

    def states(self) -> list[ProgramState]:
        return [
            ProgramState(i["name"], i["statename"], i["pid"], float(i["start"]), i["spawnerr"] or i["description"])
            for i in self._ask("getAllProcessInfo")
        ]

    def start(self, names: Iterable[str]) -> None:
        """Starts those that do not run yet and returns at once: readiness is asked of the programs themselves."""
        idle = {s.name for s in self.states() if s.state in {"STOPPED", "EXITED", "FATAL", "BACKOFF", "UNKNOWN"}}
        for name in names:
            if name in idle:
                self._ask("startProcess", name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Stops them side by side and returns when all have ended."""
        wanted = set(names)
        alive = {s.name for s in self.states() if s.state in {"RUNNING", "STARTING", "BACKOFF"}} & wanted
        for name in alive:
            self._ask("stopProcess", name, False)
        while any(s.state == "STOPPING" for s in self.states() if s.name in wanted):
            time.sleep(0.05)
        for name in wanted:
            (self._run.pids / name).unlink(missing_ok=True)

    def shut_down(self, seconds: float = 30) -> None:
        """Ends supervisord, and with it whatever it still runs; returns when its process is gone."""
        process = psutil.Process(self.pid())
        self._ask("shutdown")
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(seconds)
