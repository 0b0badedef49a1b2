"""A file like data/jql/semantics.json in, a site out: its own users, lists, projects and issues."""

from pathlib import Path

from jira_simulator.model.records import Personality
from jira_simulator.model.site import Site


def load_fixture(personality: Personality, base_url: str, path: Path) -> Site:
    raise NotImplementedError(path)
