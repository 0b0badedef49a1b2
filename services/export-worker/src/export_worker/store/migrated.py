"""Whether schema `exports` stands as this version needs it."""

from uuid import UUID

from common.db.database import Database
from common.ids import TenantId
from export_worker.store.tables import idempotency, inbox, items, jobs, outbox, steps

_NOBODY = TenantId(UUID(int=0))


async def is_migrated(db: Database) -> bool:
    """Raises what the database says when it does not; health takes that as a no."""
    async with db.uow(_NOBODY) as tx:
        for table in (jobs, items, steps, inbox, idempotency, outbox):
            await tx.execute(tx.select(table).limit(0))
    return True
