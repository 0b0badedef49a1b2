"""Export-worker's step of the installation: migrations and the bucket; may be repeated."""

from pathlib import Path

from common.bootstrap import BootstrapContext
from export_worker.outbound.bucket import ensure_bucket

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


async def bootstrap(context: BootstrapContext) -> None:
    """What is there is left as it is."""
    await context.migrate(MIGRATIONS, "exports")
    await ensure_bucket(context.settings.s3)
