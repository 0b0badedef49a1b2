"""Visible keys in; exports that were accepted out, each ordered under an Idempotency-Key until it is."""

import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from common.testing.system import System

ENDED = frozenset({"finished", "finished_with_gaps", "failed", "cancelled"})


@dataclass
class Orders:
    """Orders one or many issues; a refused order (an issue that is gone meanwhile) is no export."""

    system: System
    keys: Callable[[], list[str]]
    seed: int
    accepted: dict[str, int] = field(default_factory=dict)
    unsure: int = 0
    odd: list[str] = field(default_factory=list)

    def live(self, stop: threading.Event, every: float) -> None:
        dice = random.Random(self.seed)
        while not stop.wait(dice.uniform(0, 2 * every)):
            wanted = dice.sample(self.keys(), dice.choice((1, 1, 2, 5, 12)))
            self._order(wanted, str(uuid.UUID(int=dice.getrandbits(128))), stop)

    def _order(self, wanted: list[str], key: str, stop: threading.Event) -> None:
        """The same key again after every doubt: whatever was lost, there is one export."""
        while True:
            try:
                headers = {"Idempotency-Key": key}
                answer = self.system.call("POST", "/exports", json={"source": {"issues": wanted}}, headers=headers)
            except (httpx.HTTPError, AssertionError):
                self.unsure += 1
            else:
                if answer.status_code == httpx.codes.ACCEPTED:
                    self._accept(answer.json()["id"], len(wanted))
                    return
                if answer.status_code not in {429, 502, 503, 504}:
                    if answer.status_code not in {404, 409}:
                        self.odd.append(f"POST /exports: {answer.status_code} {answer.text[:200]}")
                    return
            if stop.wait(1):
                return

    def _accept(self, export: str, issues: int) -> None:
        if export in self.accepted:
            self.odd.append(f"{export} was given to two orders")
        self.accepted[export] = issues


@dataclass
class Reader:
    """Reads lists, details and searches all the while; notes every answer that is not one of ours."""

    system: System
    seed: int
    answers: dict[int, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    broken: int = 0

    def live(self, stop: threading.Event, every: float) -> None:
        dice = random.Random(self.seed)
        seen: list[str] = []
        while not stop.wait(dice.uniform(0, 2 * every)):
            path = dice.choice(("/issues?limit=30", "/issues?q=invoice&limit=10", "/connections", "/exports?limit=20"))
            if seen and dice.random() < 0.5:
                path = f"/issues/{dice.choice(seen)}{dice.choice(('', '/comments', '/history', '?expand=links'))}"
            try:
                answer = self.system.call("GET", path)
            except (httpx.HTTPError, AssertionError):  # the gateway is dead, or nobody can sign in just now
                self.broken += 1
                continue
            self._note(path, answer)
            if path == "/issues?limit=30" and answer.status_code == httpx.codes.OK:
                seen = [item["id"] for item in answer.json()["items"]] or seen

    def _note(self, path: str, answer: httpx.Response) -> None:
        status = answer.status_code
        self.answers[status] = self.answers.get(status, 0) + 1
        is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        if status not in {200, 401, 404, 502, 503, 504} or (status >= 400 and not is_problem):
            self.odd.append(f"GET {path}: {status} {answer.text[:200]}")
