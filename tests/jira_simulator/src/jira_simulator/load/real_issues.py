"""Real issues."""

from pathlib import Path

from jira_simulator.model.records import Personality
from jira_simulator.model.site import Site


def load_real_issues(personality: Personality, base_url: str, path: Path, seed: int) -> Site:
    raise NotImplementedError(path)
