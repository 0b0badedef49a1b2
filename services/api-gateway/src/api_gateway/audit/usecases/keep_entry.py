"""An entry that another service sent comes in; it stands in the log of its tenant, once."""

from api_gateway.app import App
from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.store.entries import OWNED_KINDS, add_entries, belongs_to_another
from api_gateway.audit.store.tables import FINDER
from common.errors import NotFound
from common.ids import PLATFORM, TenantId, public_id


class ForeignEntry(NotFound):
    """The entry is about something of another tenant."""

    code = "audit.foreign_entry"


async def keep_entry(tenant: TenantId, entry: Entry, app: App) -> None:
    """Raises `ForeignEntry` for an entry whose tenant does not own its target."""
    if tenant != PLATFORM:
        await _check_owner(tenant, entry, app)
    async with app.db.uow(tenant) as tx:
        await add_entries(tx, [entry])


async def _check_owner(tenant: TenantId, entry: Entry, app: App) -> None:
    if entry.target_id is None or entry.target_kind is None:
        return
    if entry.target_kind == "tenant" and entry.target_id != public_id("ten", tenant):
        raise ForeignEntry
    if entry.target_kind in OWNED_KINDS:
        async with app.db.uow_for_all_tenants("audit: whose is the target of an entry", role=FINDER) as tx:
            if await belongs_to_another(tx, entry.target_kind, entry.target_id, tenant):
                raise ForeignEntry
