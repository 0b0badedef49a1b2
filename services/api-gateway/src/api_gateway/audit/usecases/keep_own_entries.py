"""Entries that the gateway made itself are written in batches; what cannot be written yet waits in memory."""

from collections import defaultdict

import structlog

from api_gateway.app import App
from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.domain.own_entries import LOST
from api_gateway.audit.store.entries import add_entries
from api_gateway.metrics import AUDIT_OWN
from common.errors import AppError
from common.ids import TenantId

log = structlog.get_logger(__name__)

_BATCH = 500


async def keep_own_entries(app: App) -> None:
    """Writes what waits; while the database is away it stays where it is."""
    while len(app.own_entries):
        taken = app.own_entries.take(_BATCH, app.clock())
        by_tenant: dict[TenantId, list[Entry]] = defaultdict(list)
        for tenant, entry in taken:
            by_tenant[tenant].append(entry)
        try:
            for tenant, entries in by_tenant.items():
                async with app.db.uow(tenant) as tx:
                    await add_entries(tx, entries)
        except BaseException as error:
            # What is written already is known by its id when it comes again.
            app.own_entries.give_back(taken)
            if not isinstance(error, AppError):
                raise
            log.warning("own_audit_entries_wait", code=error.code, waiting=len(app.own_entries))
            return
        lost = sum(int(entry.details["count"]) for _, entry in taken if entry.action == LOST)
        AUDIT_OWN.labels("lost").inc(lost)
        AUDIT_OWN.labels("kept").inc(sum(entry.action != LOST for _, entry in taken))
