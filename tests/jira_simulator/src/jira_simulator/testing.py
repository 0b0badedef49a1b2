"""For other tests: a simulator as a subprocess on free ports, with its credentials and control doors at hand."""

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio.to_thread
import httpx

from jira_simulator.generate.accounts import Credentials

_START_SECONDS = 90.0
_STOP_SECONDS = 10.0


class SimulatorDidNotStart(RuntimeError):
    """The simulator process ended or said nothing in time."""


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """`http` is an unauthenticated client of the doors; `client()` one that Jira knows."""

    personality: Literal["cloud", "datacenter"]
    base_url: str
    pid: int
    http: httpx.Client
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def basic(self) -> tuple[str, str]:
        given = self.credentials
        return (given.email, given.token) if self.personality == "cloud" else (given.user, given.password)

    @property
    def limited(self) -> tuple[str, str]:
        """The account without security levels and without the private project."""
        given = self.credentials
        if self.personality == "cloud":
            return given.limited_email, given.limited_token
        return given.limited_user, given.limited_password

    def client(self, *, limited: bool = False) -> httpx.Client:
        auth = self.limited if limited else self.basic
        return httpx.Client(base_url=self.base_url, auth=auth, trust_env=False, timeout=60)

    def door(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Raises httpx.HTTPStatusError when the door refuses."""
        answer = self.http.request(method, "/_sim" + path, json=body)
        answer.raise_for_status()
        return answer.json()

    def create(self, project: str, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.door("POST", "/issues", {"project": project, "fields": fields})
        return made

    def edit(self, key: str, **what: Any) -> dict[str, Any]:
        """`fields`, `transition`, `comment`, `worklog` as in the control doors."""
        done: dict[str, Any] = self.door("POST", f"/issues/{key}/edit", what)
        return done

    def move(self, key: str, project: str) -> dict[str, Any]:
        done: dict[str, Any] = self.door("POST", f"/issues/{key}/move", {"project": project})
        return done

    def delete(self, key: str) -> None:
        self.door("POST", f"/issues/{key}/delete")

    def restrict(self, key: str, level: str | None) -> None:
        self.door("POST", f"/issues/{key}/restrict", {"level": level})

    def faults(self, **plan: Any) -> None:
        self.door("POST", "/faults", plan)

    def end_faults(self) -> None:
        self.door("DELETE", "/faults")

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self.door("GET", "/stats")
        return found

    def truth(self) -> list[dict[str, Any]]:
        """Every issue, whoever may see it."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.door("GET", "/issues" + (f"?cursor={cursor}" if cursor else ""))
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = page["next_cursor"]


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for entry in sockets:
            entry.bind(("127.0.0.1", 0))
        return [entry.getsockname()[1] for entry in sockets]


def _arguments(options: Mapping[str, Any]) -> list[str]:
    """`issues=50` becomes `--issues 50`; None leaves an option out."""
    found = []
    for name, value in options.items():
        if value is not None:
            found += ["--" + name.replace("_", "-"), str(value)]
    return found


def _wait_ready(process: "subprocess.Popen[str]") -> str:
    if process.stdout is None:
        raise SimulatorDidNotStart("The simulator's output is not connected.")
    deadline = time.monotonic() + _START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(timeout=0.5):
                line = process.stdout.readline()
                if line.startswith("jira_simulator ready"):
                    return line
                if not line:
                    break
    raise SimulatorDidNotStart(f"The simulator did not start (exit status {process.poll()}).")


@contextmanager
def running_simulator(personality: Literal["cloud", "datacenter"], **options: Any) -> Iterator[RunningSimulator]:
    """Options as on the command line with underscores: `issues`, `seed`, `latency_ms`, `rate_limit`, `fixture`…"""
    given = dict(options)
    free = free_ports(2)
    port, media_port = given.pop("port", free[0]), given.pop("media_port", free[1])
    command = [sys.executable, "-m", "jira_simulator", "--personality", personality, "--port", str(port)]
    command += ["--media-port", str(media_port), *_arguments(given)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SIM_", "COV_CORE"))}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        _wait_ready(process)
        known = {name: given[name] for name in ("email", "token", "user", "password", "pat") if name in given}
        base_url = given.get("base_url") or f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base_url, trust_env=False, timeout=60) as http:
            yield RunningSimulator(personality, base_url, process.pid, http, Credentials(**known))
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@asynccontextmanager
async def running_simulator_async(
    personality: Literal["cloud", "datacenter"], **options: Any
) -> AsyncIterator[RunningSimulator]:
    """The same for async tests; starting and stopping do not hold up the loop."""
    context = running_simulator(personality, **options)
    simulator = await anyio.to_thread.run_sync(context.__enter__)
    try:
        yield simulator
    finally:
        await anyio.to_thread.run_sync(context.__exit__, None, None, None)
