"""A tenant whose members see different things in; requests of those who must not see all, and leaks, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import httpx
from planting import HIDDEN_PROJECT, Planted, secrets_of
from surface.operations import Operation, Place
from surface.people import Person
from surface.readable import readable
from surface.tenants import Tenant
from surface.things import Things, good_body, good_query, never_like, with_value
from surface.vocabulary import meaning, names_a_thing

from common.testing.system import Json

#: The most that each parameter can bring out.
LOUD = {"expand": "comments,worklogs,history,attachments,links", "count": "true", "limit": "200", "redirect": "false"}


@dataclass
class Veil:
    """The planted things as the owner knows them, and the people before whom they are hidden."""

    tenant: Tenant
    planted: Planted
    operations: list[Operation]
    seen: list[Things]  # one for each visible issue: what the unprivileged may name
    hidden: dict[str, list[str]] = field(default_factory=dict)  # what they may not, by kind

    @property
    def owner(self) -> Person:
        return self.tenant.owner

    @cached_property
    def secrets(self) -> list[str]:
        """Words, keys and ids that must not come out."""
        ids = [value for kind in ("issue", "attachment", "comment", "worklog") for value in self.hidden[kind]]
        return sorted({*secrets_of(self.planted), *ids})

    def told(self, answer: httpx.Response, *, asked: str = "", ignoring: Sequence[str] = ()) -> list[str]:
        """Which secrets an answer holds, but for the one that the request itself named."""
        text = readable(answer)
        if asked:
            text = text.replace(asked, "")
        return [secret for secret in self.secrets if secret not in ignoring and is_word_of(secret, text)]

    def reads(self, things: Things, query: Json | None = None) -> Iterator[tuple[Operation, dict[str, str]]]:
        """Each operation that only reads, with everything that it can be made to show."""
        for operation in self.operations:
            if operation.is_read and operation.path.startswith("/api/"):
                named = {name: LOUD[name] for name in operation.query_names if name in LOUD}
                wanted = {name: value for name, value in (query or {}).items() if name in operation.query_names}
                yield operation, {**good_query(operation, things), **named, **wanted}

    def path(self, operation: Operation, things: Things, place: Place | None = None, value: str = "") -> str:
        """The address with things that may be named, and this value in this place."""
        path = operation.path
        for each in operation.places:
            if each.part == "path":
                kind = meaning(operation, each)
                assert kind is not None, str(each)
                filled = value if each == place else things.of(kind)[0]
                path = path.replace(f"{{{each.name}}}", filled)
        return path

    def trials(self) -> Iterator[tuple[Operation, Place, str, str]]:
        """Each hidden thing in each place that takes one of its kind, and a like one that never was."""
        for operation in self.operations:
            for place in operation.places:
                kind = meaning(operation, place)
                if kind is None or not names_a_thing(operation, place) or kind not in self.hidden:
                    continue
                for value in self.hidden[kind]:
                    yield operation, place, value, never_like(value)

    def send(self, person: Person, operation: Operation, place: Place, value: str) -> httpx.Response:
        """One request with a value in a place; all else in it may be named."""
        things = self.seen[0]
        body, query = good_body(operation, things), good_query(operation, things)
        if place.part == "body":
            body = with_value(body or {}, place.pointer, value)
        if place.part == "query":
            query = {**query, place.name: value}
        path = self.path(operation, things, place, value)
        return person.call(operation.method, path, params=query, **({"json": body} if body is not None else {}))


def is_word_of(secret: str, text: str) -> bool:
    """A key is a word of its own: LAB-1 is not told by LAB-12."""
    start = text.find(secret)
    while start >= 0:
        after = text[start + len(secret) : start + len(secret) + 1]
        before = text[start - 1 : start]
        if not (after.isdigit() and secret[-1].isdigit()) and not (before.isalnum() and secret[0].isupper()):
            return True
        start = text.find(secret, start + 1)
    return False


def hidden_of(tenant: Tenant, planted: Planted) -> dict[str, list[str]]:
    """Ids and keys of what is hidden, as the owner is shown them."""
    found: dict[str, list[str]] = {kind: [] for kind in ("issue", "attachment", "comment", "worklog")}
    for key in (planted.restricted, planted.elsewhere):
        issue = tenant.owner.ask("GET", f"/issues/{key}?expand=comments,worklogs,attachments")
        found["issue"] += [issue["id"], issue["key"]]
        for kind in ("attachment", "comment", "worklog"):
            found[kind] += [one["id"] for one in issue[f"{kind}s"]["items"]]
    issue = tenant.owner.ask("GET", f"/issues/{planted.visible}?expand=comments,worklogs")
    for kind in ("comment", "worklog"):
        found[kind] += [one["id"] for one in issue[f"{kind}s"]["items"] if one.get("visibility")]
    return found


def hidden_filters(planted: Planted) -> dict[str, list[str]]:
    """Values of filters that only hidden issues have."""
    return {"project": [HIDDEN_PROJECT, "Closed Laboratory"], "label": [planted.words["label"]]}
