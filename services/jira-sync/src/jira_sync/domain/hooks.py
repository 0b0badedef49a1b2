"""The body of a webhook comes in; which issues or lists to fetch again comes out. Its content is never believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_CATALOGUE = ("project_", "jira:version_", "issuetype_", "option_", "user_", "sprint_", "component_")


@dataclass(frozen=True)
class Hint:
    """What a delivery makes us look at."""

    issues: frozenset[int] = frozenset()
    catalogue: bool = False
    projects: frozenset[int] = field(default_factory=frozenset)


def hint_of(body: Mapping[str, Any]) -> Hint:
    """Ids that a delivery names anywhere we know; one that names none is an empty hint."""
    event = str(body.get("webhookEvent") or "")
    ids = {_number((body.get("issue") or {}).get("id"))}
    ids.add(_number((body.get("worklog") or {}).get("issueId")))
    link = body.get("issueLink") or {}
    ids |= {_number(link.get("sourceIssueId")), _number(link.get("destinationIssueId"))}
    ids |= {_issue_of_address(body.get("comment")), _issue_of_address(body.get("worklog"))}
    project = _number((body.get("project") or {}).get("id"))
    return Hint(
        issues=frozenset(number for number in ids if number is not None),
        catalogue=event.startswith(_CATALOGUE),
        projects=frozenset() if project is None else frozenset({project}),
    )


def _issue_of_address(part: Any) -> int | None:
    """The issue of a comment or worklog event that has no issue part: it stands in the part's own address."""
    address = str((part or {}).get("self") or "")
    _, _, tail = address.partition("/issue/")
    return _number(tail.partition("/")[0])


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if value is not None and text.isdigit() and len(text) < 19 else None
