"""Takes what should run in a run directory; leaves one supervisord that knows it, and ends it again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.layout import RunDir, write_private
from stack.ports import refuse_busy_ports
from stack.process.leftovers import end_leftovers, forget_pids
from stack.process.programs import Program
from stack.process.supervision import Supervisor, supervisor_config

PART_NAMES = ("postgres", "redis", "kafka", "s3")


@dataclass(frozen=True)
class Wanted:
    """What tells one way to run from another: a supervisord that runs it already is kept."""

    port_base: int
    programs: Sequence[str]
    options: dict[str, str]

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def running_options(run: RunDir) -> dict[str, str]:
    """The options of the stack that runs now, or none."""
    if not run.state.exists() or not Supervisor(run).is_running():
        return {}
    state = json.loads(run.state.read_text())
    options: dict[str, str] = state["options"]
    return options | {"PORT_BASE": str(state["port_base"])}


def start_supervisor(run: RunDir, wanted: Wanted, prepare: Callable[[], Sequence[Program]]) -> bool:
    """Brings up a supervisord with these programs, none of them started; False when it was there already."""
    supervisor = Supervisor(run)
    if supervisor.is_running():
        if run.state.exists() and run.state.read_text() == wanted.as_text():
            return False
        shut_down(run)
    end_leftovers(run)
    programs = prepare()
    refuse_busy_ports([port for program in programs for port in program.ports], wanted.port_base)
    config = run.config / "supervisord.conf"
    write_private(config, supervisor_config(programs, run))
    supervisor.launch(config)
    write_private(run.state, wanted.as_text())
    return True


def shut_down(run: RunDir) -> list[str]:
    """Stops services before parts, then supervisord, then whatever is left; returns what had to be ended by force."""
    supervisor = Supervisor(run)
    if supervisor.is_running():
        names = [state.name for state in supervisor.states()]
        simulators = [name for name in names if name.startswith("sim-")]
        supervisor.stop([name for name in names if name not in PART_NAMES and name not in simulators])
        supervisor.stop(simulators)
        supervisor.stop([name for name in names if name in PART_NAMES])
        supervisor.shut_down()
    forced = end_leftovers(run)
    forget_pids(run)
    for file in (run.state, run.env):
        Path(file).unlink(missing_ok=True)
    return forced
