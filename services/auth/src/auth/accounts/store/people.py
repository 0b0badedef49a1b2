"""Where a person has sessions that still run."""

from collections.abc import Sequence

from sqlalchemy import select

from auth.store.tables import sessions
from common.db.unit_of_work import AcrossTenantsTx
from common.ids import TenantId, UserId


async def tenants_with_sessions(tx: AcrossTenantsTx, user: UserId) -> Sequence[TenantId]:
    running = sessions.c.ended_at.is_(None)
    statement = select(sessions.c.tenant_id).where(sessions.c.user_id == user, running)  # across tenants: a finder
    return [TenantId(row.tenant_id) for row in await tx.execute(statement.distinct())]
