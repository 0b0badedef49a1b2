"""A seed and a simulator in; the edits, comments, moves, deletions and restrictions of a busy Jira out."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.testing.system import Json, Simulator

_WORDS = ("login", "invoice", "счёт", "отчёт", "編集", "timeout", "crash", "Über", "fast", "slow", "🚀", "retry")
_LEVEL = "Internal"


@dataclass
class JiraLife:
    """Everything that happens in one simulator; only what its doors accepted counts."""

    simulator: Simulator
    projects: Sequence[str]
    seed: int
    keys: list[str] = field(default_factory=list)
    restricted: set[str] = field(default_factory=set)
    done: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.keys = [
            issue["key"] for issue in self.simulator.truth() if issue["key"].rpartition("-")[0] in self.projects
        ]

    def live(self, stop: threading.Event, every: float) -> None:
        """One happening after another until it is stopped."""
        while not stop.wait(self.dice.uniform(0, 2 * every)):
            self.happen()

    def happen(self) -> None:
        """One thing that a user of Jira does."""
        name = self.dice.choices(
            ("edit", "comment", "transition", "worklog", "create", "move", "restrict", "release", "delete"),
            (40, 20, 10, 6, 10, 5, 4, 3, 4),
        )[0]
        if name == "release" and not self.restricted:
            name = "restrict"
        if getattr(self, f"_{name}")():
            self.done[name] = self.done.get(name, 0) + 1

    def _text(self) -> str:
        return " ".join(self.dice.choices(_WORDS, k=self.dice.randint(2, 6))) + f" {self.dice.randrange(10**6)}"

    def _any(self) -> str:
        return self.dice.choice(self.keys)

    def _door(self, path: str, body: Json) -> Json | None:
        """None when Jira would not have it, for instance a transition that the status does not offer."""
        answer = self.simulator.client.post(f"{self.simulator.url}/_sim{path}", json=body, timeout=60)
        if answer.status_code >= 500:
            message = f"the simulator answered {answer.status_code} to {path}: {answer.text[:300]}"
            raise AssertionError(message)
        if answer.status_code == 404 and (key := path.split("/")[-2]) in self.keys:
            self.keys.remove(key)  # a sub-task went with its parent
            self.restricted.discard(key)
        if not answer.is_success:
            return None
        made: Json = answer.json()
        self.touched.add(str(made["id"]))
        return made

    def _edit(self) -> bool:
        fields: Json = {"summary": self._text()}
        if self.dice.random() < 0.5:
            fields["labels"] = sorted({self.dice.choice(("red", "green", "blue", "ночь")) for _ in range(2)})
        if self.dice.random() < 0.2:
            fields["description"] = "\n\n".join(self._text() for _ in range(5))
        return self._door(f"/issues/{self._any()}/edit", {"fields": fields}) is not None

    def _comment(self) -> bool:
        return self._door(f"/issues/{self._any()}/edit", {"comment": self._text()}) is not None

    def _transition(self) -> bool:
        wanted = self.dice.choice(("In Progress", "Done", "To Do", "In Review", "Start Progress", "11", "21", "31"))
        return self._door(f"/issues/{self._any()}/edit", {"transition": wanted}) is not None

    def _worklog(self) -> bool:
        return self._door(f"/issues/{self._any()}/edit", {"worklog": f"{self.dice.randint(1, 7)}h"}) is not None

    def _create(self) -> bool:
        made = self._door("/issues", {"project": self.dice.choice(self.projects), "fields": {"summary": self._text()}})
        if made is not None:
            self.keys.append(made["key"])
        return made is not None

    def _move(self) -> bool:
        key = self._any()
        others = [project for project in self.projects if project != key.rpartition("-")[0]]
        moved = self._door(f"/issues/{key}/move", {"project": self.dice.choice(others)}) if others else None
        if moved is not None:
            self.keys[self.keys.index(key)] = moved["key"]
            if key in self.restricted:
                self.restricted.remove(key)
                self.restricted.add(moved["key"])
        return moved is not None

    def _restrict(self) -> bool:
        key = self._any()
        done = self._door(f"/issues/{key}/restrict", {"level": _LEVEL}) is not None
        if done:
            self.restricted.add(key)
        return done

    def _release(self) -> bool:
        key = self.dice.choice(sorted(self.restricted))
        self.restricted.remove(key)
        return self._door(f"/issues/{key}/restrict", {"level": None}) is not None

    def _delete(self) -> bool:
        key = self._any()
        gone = self._door(f"/issues/{key}/delete", {})
        if gone is not None:
            self.keys.remove(key)
            self.restricted.discard(key)
            self.deleted.add(str(gone["id"]))
        return gone is not None
