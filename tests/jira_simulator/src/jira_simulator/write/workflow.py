"""An issue in, the transitions its workflow offers out; ids differ from workflow to workflow, as in Jira."""

from dataclasses import dataclass, replace

from jira_simulator.model.issue import Issue
from jira_simulator.model.records import Status
from jira_simulator.model.site import Site


@dataclass(frozen=True, slots=True)
class Transition:
    id: str
    name: str
    to: Status


# The classic workflow: (id, name, from, to) by status id.
_CLASSIC = (
    ("4", "Start Progress", ("1", "4"), "3"),
    ("301", "Stop Progress", ("3",), "1"),
    ("5", "Resolve Issue", ("1", "3", "4"), "5"),
    ("2", "Close Issue", ("1", "3", "4", "5"), "6"),
    ("3", "Reopen Issue", ("5", "6"), "4"),
)
CLASSIC_STATUSES = ("1", "3", "4", "5", "6")
SIMPLE_STATUSES = ("10000", "3", "10001", "10002", "6")


def transitions(site: Site, issue: Issue) -> list[Transition]:
    statuses = site.catalogue.statuses
    project = site.projects[issue.project]
    if project.type_key == "business" and all(entry in statuses for entry in CLASSIC_STATUSES):
        return [Transition(i, name, statuses[to]) for i, name, sources, to in _CLASSIC if issue.status in sources]
    offered = [entry for entry in SIMPLE_STATUSES if entry in statuses]
    if len(offered) < len(SIMPLE_STATUSES):
        offered = list(statuses)
    return [
        Transition(str(11 + 10 * place), statuses[entry].name, statuses[entry])
        for place, entry in enumerate(offered)
        if entry != issue.status
    ]


def find_transition(site: Site, issue: Issue, wanted: str) -> Transition | None:
    """By id, by its own name or by the name of the status it leads to."""
    folded = wanted.casefold()
    offered = transitions(site, issue)
    by_id = next((entry for entry in offered if entry.id == wanted), None)
    return by_id or next(
        (entry for entry in offered if folded in (entry.name.casefold(), entry.to.name.casefold())), None
    )


def entering(site: Site, issue: Issue, to: Status, at: int) -> Issue:
    """The issue in its new status; a done one gets a resolution, any other loses it."""
    if to.category != "done":
        return replace(issue, status=to.id, resolution=None, resolved=None)
    resolution = issue.resolution or next(iter(site.catalogue.resolutions), None)
    return replace(issue, status=to.id, resolution=resolution, resolved=issue.resolved or at)
