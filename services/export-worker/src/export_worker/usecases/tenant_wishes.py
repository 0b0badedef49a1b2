"""What the tenant's own settings say of exports: how long their files are kept, and what documents carry."""

from datetime import timedelta

from common.contracts.http.tenant_settings import TenantSettings
from common.db.reading import Reader
from common.db.tenant_settings import read_settings, settings_in
from common.db.unit_of_work import Tx
from export_worker.app import App
from export_worker.domain.issue_document import Brand


async def retention_in(tx: Tx, app: App) -> timedelta:
    """The operator's own where the tenant has set none."""
    days = (await settings_in(tx)).retention.exports_days
    return app.settings.retention if days is None else timedelta(days=days)


async def brand_in(tx: Tx) -> Brand:
    return _brand(await settings_in(tx))


async def read_brand(reader: Reader) -> Brand:
    return _brand(await read_settings(reader))


def _brand(settings: TenantSettings) -> Brand:
    branding = settings.branding
    return Brand(branding.display_name, branding.colour, branding.footer)
