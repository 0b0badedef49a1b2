"""What a viewer sees of each connection, in the words of events: public ids of connections, project ids as text."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one connection: all projects or some, and the levels and visibility classes that are held by name."""

    whole: bool = False
    projects: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def sees_project(self, project: str) -> bool:
        """Whether issues of a project may be heard of, as far as no level hides them."""
        return self.whole or project in self.projects


#: By connection; one that is not in it is not seen.
Sight = Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which part of Jira an event tells; who does not see that part does not hear it."""

    connection: str
    project: str | None = None  # None: of the connection as a whole
    left: str | None = None  # the project that the issue moved out of
    level: str | None = None
    visibility: str | None = None
