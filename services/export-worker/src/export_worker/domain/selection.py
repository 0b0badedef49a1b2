"""Which issues were meant: ids and keys as asked and what the mirror has come in, one choice or a reason goes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """An issue that the asker may see; `asked` is the id or key by which it was found."""

    asked: str
    issue_id: UUID
    connection_id: UUID
    jira_id: int
    key: str
    is_alias: bool = False  # found by a key that it had before


@dataclass(frozen=True, slots=True)
class Selection:
    """`missing` and `ambiguous` name places in the list as it was asked, counted from 0."""

    chosen: tuple[Candidate, ...]
    missing: tuple[int, ...] = ()
    ambiguous: tuple[tuple[int, tuple[Candidate, ...]], ...] = field(default=())


def select_issues(asked: Sequence[str], found: Iterable[Candidate]) -> Selection:
    """In the order asked, each issue once.

    A key that is in use wins over one that an issue had before. An issue that two connections to one site both see
    has one id and is one issue, so it is no ambiguity.
    """
    by_ref: dict[str, list[Candidate]] = {}
    for candidate in found:
        by_ref.setdefault(candidate.asked, []).append(candidate)
    chosen: dict[UUID, Candidate] = {}
    missing: list[int] = []
    ambiguous: list[tuple[int, tuple[Candidate, ...]]] = []
    for place, ref in enumerate(asked):
        different = _different(by_ref.get(ref, []))
        if not different:
            missing.append(place)
        elif len(different) > 1:
            ambiguous.append((place, different))
        else:
            chosen.setdefault(different[0].issue_id, different[0])
    return Selection(tuple(chosen.values()), tuple(missing), tuple(ambiguous))


def _different(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    current = [candidate for candidate in candidates if not candidate.is_alias]
    by_issue: dict[UUID, Candidate] = {}
    for candidate in sorted(current or candidates, key=lambda one: (one.connection_id, one.jira_id)):
        by_issue.setdefault(candidate.issue_id, candidate)
    return tuple(by_issue.values())
