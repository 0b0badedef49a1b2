"""Requests with the same Idempotency-Key take turns."""

from sqlalchemy import func, select

from common.db.idempotency import IdempotentRequest
from common.db.unit_of_work import Tx


async def lock_key(tx: Tx, request: IdempotentRequest) -> None:
    """Otherwise the second of two at once would meet what the first one wrote, and call it a conflict."""
    name = f"auth.idempotency:{tx.tenant}:{request.user}:{request.key}"
    # no tenant: a lock, and no table
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
