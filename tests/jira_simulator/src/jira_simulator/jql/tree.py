"""The parsed query: clauses, their combinations and the order."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Value:
    """`quoted` matters for dates: a bare number is epoch milliseconds, a quoted text a date of the account's zone."""

    text: str
    quoted: bool = False
    function: bool = False
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    kind: Literal["and", "or"]
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    part: "Node"


Node = Clause | Combined | Negated


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    where: Node | None
    order: tuple[Sort, ...]
