"""Takes the environment and what runs already; gives the options of `make up`, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from stack.errors import StackError
from stack.ports import DEFAULT_BASE

Sim = Literal["cloud", "datacenter", "both", "none"]
StackKind = Literal["native", "compose", "external"]
SIMULATOR_OPTIONS = {
    "ISSUES": "--issues",
    "SEED": "--seed",
    "ISSUES_FROM": "--issues-from",
    "FIXTURE": "--fixture",
    "LATENCY_MS": "--latency-ms",
}
_NAMES = ("SIM", "STACK", "PORT_BASE", *SIMULATOR_OPTIONS)
_FILES = ("ISSUES_FROM", "FIXTURE")
_NUMBERS = ("PORT_BASE", "ISSUES", "SEED", "LATENCY_MS")
_DEFAULTS = {"SIM": "both", "PORT_BASE": str(DEFAULT_BASE), "ISSUES": "250"}


@dataclass(frozen=True)
class Options:
    values: Mapping[str, str]

    @property
    def sim(self) -> Sim:
        return cast("Sim", self.values["SIM"])

    @property
    def stack(self) -> StackKind:
        return cast("StackKind", self.values["STACK"])

    @property
    def port_base(self) -> int:
        return int(self.values["PORT_BASE"])

    @property
    def personalities(self) -> tuple[str, ...]:
        return {"cloud": ("cloud",), "datacenter": ("datacenter",), "both": ("cloud", "datacenter"), "none": ()}[
            self.sim
        ]

    def simulator_words(self) -> list[str]:
        """What every simulator gets on its command line; data from a file takes the place of generated data."""
        given = {name: value for name in SIMULATOR_OPTIONS if (value := self.values.get(name))}
        if given.keys() & set(_FILES):
            given.pop("ISSUES", None)
        return [word for name, value in given.items() for word in (SIMULATOR_OPTIONS[name], value)]


def read_options(environment: Mapping[str, str], running: Mapping[str, str], default_stack: StackKind) -> Options:
    """What is given now comes before what the running stack was started with, and that before the defaults."""
    given = {name: environment[name].strip() for name in _NAMES if environment.get(name, "").strip()}
    # Simulators stand in another folder than the one in which the path was typed.
    given |= {name: str(Path(given[name]).resolve()) for name in _FILES if name in given}
    values = _DEFAULTS | {"STACK": default_stack} | dict(running) | given
    _refuse_unknown("SIM", values["SIM"], get_args(Sim))
    _refuse_unknown("STACK", values["STACK"], get_args(StackKind))
    for name in _NUMBERS:
        if name in values and not values[name].isdecimal():
            message = f"{name}={values[name]} is not a number"
            raise StackError(message)
    return Options(values)


def _refuse_unknown(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        message = f"{name}={value} is not known: take one of {', '.join(known)}"
        raise StackError(message)
