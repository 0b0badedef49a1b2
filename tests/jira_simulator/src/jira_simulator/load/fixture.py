"""A file like data/jql/semantics.json in, a site out: its own users, lists, projects and issues."""

from pathlib import Path
from typing import Any

import orjson

from jira_simulator.load.fixture_issues import FixtureIssues
from jira_simulator.load.fixture_lists import fixture_catalogue, fixture_projects, fixture_users
from jira_simulator.load.link_ends import linked
from jira_simulator.model.records import Personality
from jira_simulator.model.site import Site


def load_fixture(personality: Personality, base_url: str, path: Path) -> Site:
    """Users keep their short names as ids, so that the queries of the file mean the same here."""
    content: dict[str, Any] = orjson.loads(path.read_bytes())
    meta = content["meta"]
    site = Site(personality, base_url, fixture_catalogue(meta, content["issues"]))
    site.users = fixture_users(meta)
    site.projects = fixture_projects(meta)
    site.other_user = next(iter(site.users))
    maker = FixtureIssues(site, content["issues"])
    kinds = {kind.name: kind.id for kind in site.catalogue.link_types.values()}
    ends = [
        (owner, kinds[link["type"]], maker.numbers[link["key"]], link["direction"] == "outward")
        for raw in content["issues"]
        for owner, link in ((int(raw["id"]), link) for link in raw["links"])
    ]
    site.load(linked(maker.issues(), ends))
    return site
