"""Takes what is past its retention out of the audit log, tenant by tenant, in small portions."""

from datetime import timedelta

import structlog

from api_gateway.app import App
from api_gateway.audit.store.retention import forget_entries, list_tenants_with_entries_before
from api_gateway.audit.store.tables import FINDER

log = structlog.get_logger(__name__)

#: No setting goes below it, so nobody can have his traces cleared within a month.
SHORTEST = timedelta(days=30)
_PORTION = 2_000


async def forget_old_entries(app: App) -> int:
    """How many are gone; can be interrupted anywhere and goes on the next time."""
    gone = 0
    async with app.db.uow_for_all_tenants("audit: entries past their retention", role=FINDER) as found:
        tenants = await list_tenants_with_entries_before(found, app.clock() - SHORTEST)
    for tenant in tenants:
        while True:
            async with app.db.uow(tenant) as tx:
                count = await forget_entries(tx, _PORTION)
            gone += count
            if count < _PORTION:
                break
    if gone:
        log.info("audit_entries_forgotten", count=gone)
    return gone
