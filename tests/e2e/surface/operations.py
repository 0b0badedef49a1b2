"""The running /openapi.json in; its operations with every name through which a client can mean something out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = dict[str, Any]

_NAME = re.compile(r"{([^}]+)}")


@dataclass(frozen=True)
class Place:
    """One spot of a request that a client fills: `path issue`, `query cursor`, `body source.issues[]`."""

    part: str
    pointer: str

    @property
    def name(self) -> str:
        """The last name in the pointer, by which the vocabulary knows it."""
        return self.pointer.rpartition(".")[2].removesuffix("[]")

    def __str__(self) -> str:
        return f"{self.part} {self.pointer}"


class Operation:
    """One method of one path of the document."""

    def __init__(self, method: str, path: str, entry: Json, document: Json) -> None:
        self.method = method
        self.path = path
        self.entry = entry
        self._document = document

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scope(self) -> str | None:
        return self.entry.get("x-required-scope")

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        return tuple(_NAME.findall(self.path))

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        return tuple(one["name"] for one in self.entry.get("parameters", ()) if one["in"] == "query")

    @cached_property
    def required_query(self) -> tuple[str, ...]:
        told = self.entry.get("parameters", ())
        return tuple(one["name"] for one in told if one["in"] == "query" and one.get("required"))

    @property
    def is_public(self) -> bool:
        """Whether it answers whoever asks."""
        return not self.entry.get("security")

    @cached_property
    def takes_body(self) -> bool:
        return "requestBody" in self.entry

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Everything that a client may fill in."""
        content = self.entry.get("requestBody", {}).get("content", {})
        leaves = dict.fromkeys(leaf for media in content.values() for leaf in self._leaves(media["schema"], "", ()))
        return (
            *(Place("path", name) for name in self.path_names),
            *(Place("query", name) for name in self.query_names),
            *(Place("body", leaf) for leaf in leaves),
        )

    def _leaves(self, schema: Json, pointer: str, seen: tuple[str, ...]) -> Iterator[str]:
        while "$ref" in schema:
            if schema["$ref"] in seen:
                return
            seen = (*seen, schema["$ref"])
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            yield from self._leaves(choice, pointer, seen)
        for name, part in schema.get("properties", {}).items():
            yield from self._leaves(part, f"{pointer}.{name}".removeprefix("."), seen)
        if "items" in schema:
            yield from self._leaves(schema["items"], f"{pointer}[]", seen)
        if pointer and schema.get("type") not in {None, "object", "array", "null"}:
            yield pointer


def operations(document: Json) -> list[Operation]:
    """Every operation that the document names."""
    return [
        Operation(method.upper(), path, entry, document)
        for path, methods in document["paths"].items()
        for method, entry in methods.items()
    ]
