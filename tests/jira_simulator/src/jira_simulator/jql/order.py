"""The ORDER BY of a query in, a sort key over issues out."""

from collections.abc import Callable
from typing import Any

from jira_simulator.jql.errors import JqlRefused
from jira_simulator.jql.fields import CHOICES, DATES, DAYS, Asker, canonical
from jira_simulator.jql.tree import Sort
from jira_simulator.model.issue import Issue

SortKey = tuple[Any, ...]


def _key_parts(asker: Asker, name: str, written: str) -> Callable[[Issue], tuple[Any, ...]]:
    """Values as numbers or texts; an empty value sorts first ascending, as a tuple that begins with 0."""
    projects = asker.site.projects
    if name == "issuekey":
        return lambda issue: (projects[issue.project].key, issue.number)
    if name in DATES or name in DAYS:
        read: Callable[[Issue], Any] = DATES[name] if name in DATES else DAYS[name]
        return lambda issue: (0, 0) if (value := read(issue)) is None else (1, value)
    if name == "summary":
        return lambda issue: (issue.summary.casefold(),)
    if name == "rank":
        return lambda issue: (issue.rank,)
    if name in CHOICES and name in {"priority", "status", "issuetype", "project", "resolution"}:
        order = {entry: place for place, entry in enumerate(_places(asker, name), 1)}
        choice = CHOICES[name]
        return lambda issue: tuple(order.get(entry, 0) for entry in choice.read(issue)) or (0,)
    if name in {"assignee", "reporter", "creator"}:
        users, choice = asker.site.users, CHOICES[name]
        return lambda issue: tuple(users[e].display_name if e in users else e for e in choice.read(issue)) or ("",)
    raise JqlRefused(f"The simulator cannot order by the field '{written}'.")


def _places(asker: Asker, name: str) -> list[str]:
    known = asker.site.catalogue
    if name == "project":
        return [str(entry.id) for entry in sorted(asker.site.projects.values(), key=lambda project: project.name)]
    return {
        "priority": list(known.priorities)[::-1],
        "status": list(known.statuses),
        "issuetype": list(known.types),
        "resolution": list(known.resolutions),
    }[name]


class _Reversed:
    """Turns an ascending comparison round, whatever the type of the value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: "_Reversed") -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)


def sort_key(asker: Asker, order: tuple[Sort, ...], tie: Callable[[Issue], int]) -> Callable[[Issue], SortKey]:
    """`tie` decides between equal rows: the id on Cloud, nothing one could rely on in Data Center."""
    parts = [(_key_parts(asker, canonical(sort.field), sort.field), sort.descending) for sort in order]

    def key(issue: Issue) -> SortKey:
        found = [_Reversed(part(issue)) if descending else part(issue) for part, descending in parts]
        return (*found, tie(issue))

    return key
