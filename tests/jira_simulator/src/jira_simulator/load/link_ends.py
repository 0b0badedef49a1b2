"""Issues and the ends of their links as an export lists them in, the issues with links that agree out."""

from collections.abc import Iterable
from dataclasses import replace

from jira_simulator.model.issue import Issue, Link

_FIRST_LINK = 8_000_000
# Owner, type, the other issue, whether the owner is the source.
End = tuple[int, str, int, bool]


def linked(issues: list[Issue], ends: Iterable[End]) -> list[Issue]:
    """Both ends of a link get the same id, whether the export names one of them or both."""
    numbers: dict[tuple[int, int, str], int] = {}
    found: dict[int, dict[int, Link]] = {}
    for owner, kind, other, outward in ends:
        source, target = (owner, other) if outward else (other, owner)
        number = numbers.setdefault((source, target, kind), _FIRST_LINK + len(numbers))
        found.setdefault(source, {})[number] = Link(number, kind, target, outward=True)
        found.setdefault(target, {})[number] = Link(number, kind, source, outward=False)
    return [replace(issue, links=tuple(found.get(issue.id, {}).values())) for issue in issues]
