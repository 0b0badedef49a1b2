"""jira-sync's step of the installation: the schemas of the mirror; may be repeated."""

from pathlib import Path

from common.bootstrap import BootstrapContext

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


async def bootstrap(context: BootstrapContext) -> None:
    """Brings `jira` and `jira_private` to their newest revision."""
    await context.migrate(MIGRATIONS, "jira")
