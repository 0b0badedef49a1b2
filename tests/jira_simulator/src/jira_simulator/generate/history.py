"""A fresh issue in, the same issue some time later out, with a history that leads exactly to its values."""

import random
from collections.abc import Callable
from dataclasses import replace

from jira_simulator.generate.words import LABELS
from jira_simulator.model.issue import Change, Issue
from jira_simulator.model.records import User
from jira_simulator.model.site import Site
from jira_simulator.write.diff import diff
from jira_simulator.write.workflow import entering, transitions

_HOUR = 3_600_000


class HistoryMaker:
    def __init__(self, site: Site, crew: list[User], rng: random.Random) -> None:
        self._site, self._crew, self._rng = site, crew, rng

    def live_through(self, issue: Issue, until: int, next_id: Callable[[], int], place: int) -> Issue:
        """One issue of a hundred has more history than one page of Jira's answers holds."""
        rng = self._rng
        steps = rng.randint(110, 150) if place % 100 == 31 else rng.choices((0, 1, 3, 5, 8), (15, 20, 30, 25, 10))[0]
        at = issue.created
        changes: list[Change] = []
        for _ in range(steps):
            at += rng.randint(_HOUR, 20 * _HOUR if steps > 100 else 9 * 24 * _HOUR)
            if at > until and steps <= 100:
                break
            later = self._step(issue, at)
            items = diff(self._site, issue, later)
            if items:
                changes.append(Change(next_id(), rng.choice(self._crew).id, at, items))
                issue = later
        last = changes[-1].at if changes else issue.created
        return replace(issue, changes=tuple(changes), updated=last)

    def _step(self, issue: Issue, at: int) -> Issue:
        rng = self._rng
        kind = rng.random()
        if kind < 0.5:
            return entering(self._site, issue, rng.choice(transitions(self._site, issue)).to, at)
        if kind < 0.7:
            return replace(issue, assignee=rng.choice([*(user.id for user in self._crew), None]))
        if kind < 0.8:
            return replace(issue, priority=rng.choice(("1", "2", "3", "4", "5")))
        if kind < 0.9:
            return replace(issue, labels=tuple(sorted(rng.sample(LABELS, rng.choice((0, 1, 2))))))
        project = self._site.projects[issue.project]
        return replace(issue, fix_versions=(rng.choice(project.versions).id,))
