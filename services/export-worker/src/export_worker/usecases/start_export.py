"""The message that an export waits comes in; its steps are free for any worker, and idle ones are woken."""

from uuid import UUID

from common.db.erased import refuse_erased
from common.ids import ExportId, TenantId
from export_worker.app import App
from export_worker.store.steps import start_steps
from export_worker.store.tables import erased_tenants, inbox

CONSUMER = "export-worker"


async def start_export(export: ExportId, event_id: UUID, tenant: TenantId, app: App) -> None:
    """The work itself is not done in the handler: it would hold the partition, and one worker the whole export."""
    async with app.db.uow(tenant) as tx:
        await refuse_erased(tx, erased_tenants, tenant)
        if not await tx.first_time(inbox, event_id, CONSUMER):
            return
        await start_steps(tx, export)
    app.work.set()
