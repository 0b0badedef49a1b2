"""Takes options; leaves the whole system running and healthy with its demo tenant, or says what stands in the way."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from filelock import FileLock

from stack.compose import compose_up
from stack.demo.connections import ensure_demo_connections
from stack.demo.sign_in import ensure_demo_provider
from stack.errors import StackError
from stack.layout import RunDir, python
from stack.parts import Parts
from stack.plan.endpoints import Endpoints
from stack.plan.options import Options, StackKind, read_options
from stack.plan.public_env import public_env, write_public_env
from stack.plan.secret_store import load_secrets
from stack.plan.services import SERVICE_NAMES, ServicePlan
from stack.plan.simulators import SimulatorPlan
from stack.ports import Ports
from stack.process.programs import Program
from stack.process.readiness import log_tail, run_async, wait_until_ready
from stack.process.running import PART_NAMES, Wanted, running_options, start_supervisor
from stack.process.supervision import Supervisor

_SECONDS = 120.0
_BOOTSTRAP_SECONDS = 180
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    run: RunDir
    options: Options
    parts: Parts | None
    services: ServicePlan
    simulators: SimulatorPlan

    def programs(self) -> list[Program]:
        parts = self.parts.prepare() if self.parts else []
        return [*parts, *self.simulators.programs(), *self.services.programs()]

    def names(self) -> list[str]:
        parts = list(PART_NAMES) if self.parts else []
        return [*parts, *(f"sim-{p}" for p in self.options.personalities), *SERVICE_NAMES]


def make_plan(run: RunDir, options: Options, environment: Mapping[str, str]) -> Plan:
    ports, secrets = Ports(options.port_base), load_secrets(run)
    parts = Parts.of(run, ports) if options.stack == "native" else None
    endpoints = Endpoints.of_parts(parts.env()) if parts else Endpoints.of_environment(environment)
    simulators = SimulatorPlan(options, ports)
    atlassian = simulators.url("cloud") if "cloud" in options.personalities else None
    services = ServicePlan(run, ports, secrets, endpoints, atlassian=atlassian)
    return Plan(run, options, parts, services, simulators)


def start_system(run: RunDir, say: Say, default_stack: StackKind = "native") -> None:
    """Idempotent: what runs already with the same options is kept, and only what is missing is started."""
    run.make_folders()
    with FileLock(run.lock):
        options = read_options(os.environ, running_options(run), default_stack)
        if options.stack == "compose":
            compose_up(run, options, say)
            return
        plan = make_plan(run, options, os.environ)
        kept = {name: value for name, value in options.values.items() if name != "PORT_BASE"}
        start_supervisor(run, Wanted(options.port_base, plan.names(), kept), plan.programs)
        _start_in_order(plan, say)


def _start_in_order(plan: Plan, say: Say) -> None:
    supervisor = Supervisor(plan.run)
    told = partial(_tell, say)
    simulators = plan.simulators.questions()
    supervisor.start([*(PART_NAMES if plan.parts else ()), *simulators])
    if plan.parts:
        run_async(wait_until_ready(plan.run, plan.parts.questions(), _SECONDS, told))
    _bootstrap(plan, say)
    supervisor.start(SERVICE_NAMES)
    run_async(wait_until_ready(plan.run, simulators | plan.services.questions(), _SECONDS, told))
    write_public_env(plan.run, public_env(plan.services, plan.simulators))
    if simulators:
        start = time.monotonic()
        ensure_demo_connections(plan.services, plan.simulators)
        ensure_demo_provider(plan.services)
        _tell(say, "demo tenant and connections", time.monotonic() - start)


def _bootstrap(plan: Plan, say: Say) -> None:
    start = time.monotonic()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SSL_CERT_FILE") if name in os.environ}
    log = plan.run.logs / "bootstrap.log"
    with log.open("w") as output:
        done = subprocess.run(
            [python(), "-m", "common.bootstrap"],
            env=kept | plan.services.bootstrap_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=plan.run.root,
            timeout=_BOOTSTRAP_SECONDS,
            check=False,
        )
    if done.returncode:
        message = f"bootstrap failed with exit code {done.returncode}\n{log_tail(log, 25)}"
        raise StackError(message)
    _tell(say, "bootstrap (roles, schemas, topics, bucket, first tenant)", time.monotonic() - start)


def _tell(say: Say, name: str, took: float) -> None:
    say(f"  ready  {name:<56} {took:5.1f} s")
