"""The gateway's step of the installation: migrations; may be repeated."""

from pathlib import Path

from common.bootstrap import BootstrapContext

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


async def bootstrap(context: BootstrapContext) -> None:
    """What is there is left as it is."""
    await context.migrate(MIGRATIONS, "gateway")
