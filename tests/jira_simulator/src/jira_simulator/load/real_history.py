"""A real issue as it is today in, the same with a history that leads there and some worklogs out."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from jira_simulator.model.issue import Change, Issue, Worklog
from jira_simulator.model.site import Site
from jira_simulator.write.diff import diff

_HOUR = 3_600_000


def with_history(site: Site, issue: Issue, number: int) -> tuple[Issue, int]:
    """Depends on nothing but the issue; `number` is the last id given away, before and after."""
    worklogs = []
    for turn in range(issue.id % 17 // 14):
        number += 1
        at = min(issue.created + (turn + 1) * _HOUR, issue.updated)
        author = issue.assignee or issue.creator
        worklogs.append(Worklog(number, author, None, at, 1800 * (1 + issue.id % 5), at, at))
    issue = replace(issue, worklogs=tuple(worklogs))
    changes = []
    versions = list(_versions(site, issue))
    for (_, before), (at, after) in pairwise(versions):
        items = diff(site, before, after)
        if items:
            number += 1
            changes.append(Change(number, after.assignee or issue.creator, at, items))
    return replace(issue, changes=tuple(changes)), number


def _first_status(site: Site, issue: Issue) -> str:
    fresh = [entry.id for entry in site.catalogue.statuses.values() if entry.category == "new"]
    return fresh[0] if fresh else issue.status


def _versions(site: Site, issue: Issue) -> Iterator[tuple[int, Issue]]:
    """From a fresh report to what it is now: assigned, labelled, then resolved."""
    life = max(issue.updated - issue.created, 0)
    current = replace(
        issue,
        status=_first_status(site, issue),
        resolution=None,
        resolved=None,
        assignee=None,
        labels=(),
        worklogs=(),
    )
    yield issue.created, current
    current = replace(current, assignee=issue.assignee)
    yield issue.created + life // 4, current
    current = replace(current, labels=issue.labels, worklogs=issue.worklogs)
    yield issue.created + life // 3, current
    end = min(issue.resolved or issue.updated, issue.updated)
    yield (
        max(end, issue.created + life // 3),
        replace(current, status=issue.status, resolution=issue.resolution, resolved=issue.resolved),
    )
