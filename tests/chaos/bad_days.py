"""A seed in; what breaks in each round out: answers of Jira, its webhooks, its index, a service or a part."""

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

from common.testing.system import Json
from stack.layout import RunDir
from stack.parts import part_pid, start_part, stop_part, wait_for_part
from stack.plan.services import SERVICE_NAMES, ready_question
from stack.ports import Ports
from stack.process.readiness import run_async, wait_until_ready
from stack.process.running import PART_NAMES


@dataclass(frozen=True)
class Round:
    """One stretch of bad weather; `victim` dies by SIGKILL, or is stopped for `away` seconds when that is set."""

    number: int
    victim: str
    away: float
    faults: Json

    def __str__(self) -> str:
        how = f"away for {self.away:.0f} s" if self.away else "killed"
        return f"round {self.number}: {self.victim} {how}, Jira: {self.faults}"


def plan_rounds(seed: int, count: int) -> list[Round]:
    """Every service and part dies, and every part is away for a while, before one has its second turn."""
    dice = random.Random(seed)
    turns = _turns(dice)
    return [_round(dice, number, *next(turns)) for number in range(1, count + 1)]


def _turns(dice: random.Random) -> Iterator[tuple[str, float]]:
    while True:
        deck = [(name, 0.0) for name in (*SERVICE_NAMES, *PART_NAMES)]
        deck += [(name, dice.uniform(3, 10)) for name in PART_NAMES]
        dice.shuffle(deck)
        yield from deck


def _round(dice: random.Random, number: int, victim: str, away: float) -> Round:
    faults: Json = {"seed": dice.randrange(10**6), "rules": dice.sample(_RULES, dice.randint(1, 2))}
    if dice.random() < 0.7:
        hooks: Json = {"double": dice.choice((0, 0.3)), "delay_ms": [0, dice.choice((0, 800, 3000))]}
        hooks |= {"lose": dice.choice((0, 0, 0.3, 1.0)), "reorder": dice.choice((0, 0.5))}
        faults["webhooks"] = hooks
    if dice.random() < 0.4:
        faults["index_lag_ms"] = dice.choice((1000, 4000, 8000))
    if dice.random() < 0.3:
        faults["latency_ms"] = dice.choice((50, 300))
    return Round(number, victim, away, faults)


_RULES: tuple[Json, ...] = (
    {"path": "/rest/", "status": 429, "probability": 0.3, "headers": {"Retry-After": "1"}},
    {"path": "/rest/", "status": 429, "probability": 0.9},
    {"path": "/rest/", "status": 503, "probability": 0.9},
    {"path": "/rest/", "status": 500, "probability": 0.1},
    {"path": "/rest/", "status": 502, "probability": 0.2, "body": "<html>bad gateway</html>"},
    {"path": "/rest/", "truncate": True, "probability": 0.1},
    {"path": "/rest/", "truncate": True, "reset": True, "probability": 0.1},
    {"path": "/rest/", "reset": True, "probability": 0.2},
    {"path": "/rest/api/.*/search", "status": 429, "times": 20},
    {"path": "bulkfetch", "truncate": 1000, "probability": 0.3},
)


class Machine:
    """The processes of one run directory."""

    def __init__(self, run: RunDir, base: int) -> None:
        self._run = run
        self._ports = Ports(base)

    def pids(self) -> dict[str, int]:
        return {name: int((self._run.pids / name).read_text()) for name in (*SERVICE_NAMES, *PART_NAMES)}

    def strike(self, bad: Round) -> None:
        """Returns when the victim runs again; whether it is ready is another question."""
        if bad.away:
            stop_part(self._run.root, bad.victim)
            time.sleep(bad.away)  # this is the fault itself: a part that is away
            start_part(self._run.root, bad.victim)
            return
        old = part_pid(self._run.root, bad.victim)
        os.kill(old, signal.SIGKILL)
        self._wait_for_new_pid(bad.victim, old)
        if bad.victim in PART_NAMES:
            wait_for_part(self._run.root, bad.victim)

    def _wait_for_new_pid(self, name: str, old: int) -> None:
        async def ask() -> str | None:
            return "the pid is the old one" if part_pid(self._run.root, name) == old else None

        run_async(wait_until_ready(self._run, {f"{name} pid": ask}, 60))

    def wait_until_ready(self, seconds: float = 120) -> None:
        """All services say that they can work."""
        addresses = {name: f"http://127.0.0.1:{self._ports.service(name)}/health/ready" for name in SERVICE_NAMES}
        questions = {name: ready_question(address) for name, address in addresses.items()}
        run_async(wait_until_ready(self._run, questions, seconds))
