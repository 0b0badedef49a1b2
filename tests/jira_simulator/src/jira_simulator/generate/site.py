"""A personality, a number of issues and a seed in, a whole site out; the same three give the same site."""

from typing import Literal

from jira_simulator.generate.issues import IssueMaker
from jira_simulator.generate.links import link_up
from jira_simulator.generate.people import people
from jira_simulator.generate.projects import projects
from jira_simulator.model.catalogue import standard_catalogue
from jira_simulator.model.records import Personality, Sprint
from jira_simulator.model.site import Site

# The data ends here, whatever the clock says: a seed means the same issues on every day.
LAST_DAY = 1_782_820_800_000  # 2026-06-30T12:00:00Z
FIRST_DAY = LAST_DAY - 730 * 86_400_000


def generate_site(personality: Personality, base_url: str, count: int, seed: int) -> Site:
    site = Site(personality, base_url, standard_catalogue(personality), seed=seed)
    crew = people(personality)
    site.users = {user.id: user for user in crew}
    site.other_user = crew[0].id
    for number in range(1, 7):
        start = LAST_DAY - (6 - number) * 14 * 86_400_000
        state: Literal["closed", "active", "future"] = "closed" if number < 5 else "active" if number == 5 else "future"
        site.catalogue.sprints[number] = Sprint(
            number,
            f"Sprint {number}",
            state,
            1,
            start,
            start + 14 * 86_400_000 - 1,
        )
    shares = projects(personality, crew)
    site.projects = {project.id: project for project, _ in shares}
    maker = IssueMaker(site, crew, seed, FIRST_DAY, LAST_DAY)
    issues = maker.make(count, [(project, share) for project, share in shares if share])
    site.load(link_up(issues, site, seed))
    return site
