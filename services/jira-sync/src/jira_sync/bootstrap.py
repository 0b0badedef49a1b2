"""jira-sync's step of the installation: the schemas of the mirror, and secrets under their tenants' data keys."""

from pathlib import Path

import structlog
from pydantic import SecretStr

from common.bootstrap import BootstrapContext
from common.crypto import Sealer
from common.db.data_keys import Rewrapped, TenantSealer, rewrap_data_keys
from common.db.database import Database
from common.rewrap import RewrapContext
from common.settings import PostgresSettings
from jira_sync.store.across_tenants import FINDER
from jira_sync.store.connections import list_tenants
from jira_sync.store.secrets import reseal_secrets
from jira_sync.store.tables import data_keys

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

log = structlog.get_logger(__name__)


async def bootstrap(context: BootstrapContext) -> None:
    """Brings `jira` and `jira_private` to their newest revision; may be repeated, and go on where it was stopped."""
    await context.migrate(MIGRATIONS, "jira")
    sealer = TenantSealer(Sealer(context.settings.crypto), data_keys)
    async with Database(PostgresSettings(dsn=SecretStr(context.dsn)), name="jira-sync bootstrap") as db:
        resealed = 0
        for tenant in await list_tenants(db):
            async with db.uow(tenant) as tx:
                resealed += await reseal_secrets(tx, sealer)
    if resealed:
        log.info("secrets_resealed", number=resealed)


async def rewrap(context: RewrapContext) -> Rewrapped:
    """Wraps the data keys of all tenants under the active master key."""
    async with Database(PostgresSettings(dsn=SecretStr(context.dsn)), name="jira-sync rewrap") as db:
        return await rewrap_data_keys(db, data_keys, context.master, finder=FINDER)
