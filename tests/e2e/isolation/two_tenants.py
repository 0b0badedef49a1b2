"""Two tenants with like-named data in; requests of the second for what belongs to the first out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
from surface.answers import everything_of
from surface.operations import Operation, Place
from surface.people import Person
from surface.things import ID, Things, good_body, good_query, never_like, with_value
from surface.vocabulary import meaning, names_a_thing

from common.testing.system import Json, Simulator

#: In both mirrors, under the same keys.
SHARED_PROJECT = "CORE"


@dataclass(frozen=True)
class Request:
    """One request, before it is sent."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Json | None = None

    def send(self, person: Person) -> httpx.Response:
        more: dict[str, Any] = {"json": self.body} if self.body is not None else {}
        return person.call(self.method, self.path, params=self.query, **more)


@dataclass(frozen=True)
class Trial:
    """A thing of the first tenant in one place of an operation, and a like one that never was."""

    operation: Operation
    place: Place
    kind: str
    value: str
    never: str
    request: Request
    never_request: Request

    def __str__(self) -> str:
        return f"{self.operation} ({self.place} = {self.value[:40]})"


def enrich(simulator: Simulator, key: str, word: str) -> None:
    """Makes an issue of Jira's have more than one of what has lists."""
    for number in (1, 2):
        simulator.edit(key, comment=f"{word} says {number}", worklog=f"{number}h")
        simulator.edit(key, fields={"summary": f"{word} number {number}"})


class TwoTenants:
    """`a` has all of Jira, `b` one project of it; both know the same keys there."""

    def __init__(self, a: Things, b: Things, operations: list[Operation], operators: frozenset[str]) -> None:
        self.a = a
        self.b = b
        self.operations = operations
        self.operators = operators  # ids of who made both tenants: each owner reads them in his log

    @property
    def intruder(self) -> Person:
        return self.b.tenant.owner

    def request(self, operation: Operation, things: Things) -> Request:
        """What somebody with these things would send."""
        path = operation.path
        for place in operation.places:
            if place.part == "path":
                kind = meaning(operation, place)
                assert kind is not None, str(place)
                path = path.replace(f"{{{place.name}}}", things.of(kind)[0])
        return Request(operation.method, path, good_query(operation, things), good_body(operation, things))

    def trials(self) -> Iterator[Trial]:
        """Every thing of A in every place that can name one."""
        for operation in self.operations:
            for place in operation.places:
                kind = meaning(operation, place)
                if kind is None or not names_a_thing(operation, place) or kind == "cursor":
                    continue
                for value in self.a.of(kind):
                    yield self._trial(operation, place, kind, value, never_like(value))
                if place.part == "path" and len(operation.path_names) > 1:
                    yield self._trial_of_whole_path(operation, place, kind)

    def cursor_trials(self) -> Iterator[Trial]:
        """A's cursor of each list, or of another where this list has only one page."""
        for operation in self.operations:
            for place in operation.places:
                if meaning(operation, place) == "cursor":
                    value = self.cursor_of(operation)
                    yield self._trial(operation, place, "cursor", value, never_like(value))

    def cursor_of(self, operation: Operation) -> str:
        """Where A would read on."""
        asked = self.request(operation, self.a)
        if operation.takes_body:
            answer = Request(asked.method, asked.path, {}, {**(asked.body or {}), "limit": 1}).send(self.a.tenant.owner)
        else:
            answer = Request(asked.method, asked.path, {"limit": "1"}).send(self.a.tenant.owner)
        assert answer.status_code in {200, 403}, f"{operation}: {answer.status_code} {answer.text[:200]}"
        own = answer.json().get("next_cursor")
        return str(own or self.a.tenant.owner.ask("GET", "/issues?limit=1")["next_cursor"])

    def _trial(self, operation: Operation, place: Place, kind: str, value: str, never: str) -> Trial:
        made = [self._filled(operation, place, each) for each in (value, never)]
        return Trial(operation, place, kind, value, never, made[0], made[1])

    def _trial_of_whole_path(self, operation: Operation, place: Place, kind: str) -> Trial:
        """All of the path is A's: its connection with its grant."""
        path, never = operation.path, operation.path
        for each in operation.places:
            value = self.a.of(str(meaning(operation, each)))[0] if each.part == "path" else ""
            path = path.replace(f"{{{each.name}}}", value)
            never = never.replace(f"{{{each.name}}}", never_like(value) if value else "")
        body = good_body(operation, self.b)
        made = [Request(operation.method, each, {}, body) for each in (path, never)]
        return Trial(operation, place, kind, self.a.of(kind)[0], never_like(self.a.of(kind)[0]), made[0], made[1])

    def _filled(self, operation: Operation, place: Place, value: str) -> Request:
        """B's own request with this value in this place; other places of the path are B's, or A's when B asks by it."""
        own = self.request(operation, self.b)
        if place.part == "query":
            return Request(own.method, own.path, {**own.query, place.name: value}, own.body)
        if place.part == "body":
            return Request(own.method, own.path, own.query, with_value(own.body or {}, place.pointer, value))
        path = operation.path.replace(f"{{{place.name}}}", value)
        for other in operation.places:
            if other.part == "path" and other != place:
                kind = meaning(operation, other)
                assert kind is not None, str(other)
                path = path.replace(f"{{{other.name}}}", self.b.of(kind)[0])
        return Request(own.method, path, own.query, own.body)

    @cached_property
    def ids_of_a(self) -> frozenset[str]:
        """Every id that A's owner is ever shown."""
        shown = "\n".join(everything_of(answer) for _, answer in self.reads(self.a))
        return frozenset(found.group() for found in ID.finditer(shown)) - self.operators

    def reads(self, things: Things) -> Iterator[tuple[Operation, httpx.Response]]:
        """What the owner of these things gets from each operation that only reads."""
        for operation in self.operations:
            if operation.is_read and operation.path.startswith("/api/"):
                yield operation, self.request(operation, things).send(things.tenant.owner)


def scopes_of(person: Person) -> set[str]:
    return set(person.ask("GET", "/me")["scopes"])
