"""Finished issues in, the same issues with links between some of them out; epics of Data Center likewise."""

import random
from dataclasses import replace

from jira_simulator.model.issue import Issue, Link
from jira_simulator.model.site import Site

_SHARE = 0.15
_FIRST_LINK = 9_000_000


def link_up(issues: list[Issue], site: Site, seed: int) -> list[Issue]:
    rng = random.Random(f"{seed}:links")
    links: dict[int, list[Link]] = {}
    kinds = list(site.catalogue.link_types)
    for number, issue in enumerate(issues):
        if number > 5 and rng.random() < _SHARE:
            other = issues[rng.randrange(number)]
            kind = rng.choice(kinds)
            links.setdefault(issue.id, []).append(Link(_FIRST_LINK + number, kind, other.id, outward=True))
            links.setdefault(other.id, []).append(Link(_FIRST_LINK + number, kind, issue.id, outward=False))
    linked = [replace(issue, links=tuple(links[issue.id])) if issue.id in links else issue for issue in issues]
    return linked if site.cloud else _with_epics(linked, site, rng)


def _with_epics(issues: list[Issue], site: Site, rng: random.Random) -> list[Issue]:
    field = site.catalogue.field_of_kind("epic")
    epics: dict[int, int] = {}
    done = []
    for issue in issues:
        if issue.type == "10000":
            epics[issue.project] = issue.id
        elif field and issue.type != "10003" and issue.project in epics and rng.random() < 0.5:
            issue = replace(issue, custom={**issue.custom, field.id: epics[issue.project]})  # noqa: PLW2901
        done.append(issue)
    return done
