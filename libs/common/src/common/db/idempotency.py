"""Idempotency keys: the answer of a write is kept in the write's own transaction and given again for the same key."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects import postgresql

from common.db.unit_of_work import Tx
from common.errors import IdempotencyConflict, InvalidRequest

KEEP = timedelta(hours=24)
_MAX_KEY = 255


def idempotency_table(metadata: MetaData) -> Table:
    """The table of a service that owns writes."""
    return Table(
        "idempotency",
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("user_id", Uuid, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("location", Text),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


@dataclass(frozen=True)
class IdempotentRequest:
    """A write that the client may send again."""

    user: UUID
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, *, user: UUID, key: str | None, method: str, path: str, body: bytes) -> "IdempotentRequest | None":
        """None where the client sent no key."""
        if key is None:
            return None
        if not key or len(key) > _MAX_KEY or not key.isprintable():
            raise InvalidRequest(detail=f"Idempotency-Key takes 1 to {_MAX_KEY} printable characters.")
        return cls(user, key, hashlib.sha256(b"\x00".join((method.encode(), path.encode(), body))).digest())


@dataclass(frozen=True)
class KeptAnswer:
    """What the first request was answered."""

    status: int
    location: str | None
    body: bytes


async def find_kept_answer(tx: Tx, table: Table, request: IdempotentRequest | None, now: datetime) -> KeptAnswer | None:
    """The answer to give again; raises `IdempotencyConflict` when the key came with another request."""
    if request is None:
        return None
    mine = (table.c.user_id == request.user) & (table.c.key == request.key)
    await tx.execute(tx.delete(table).where(mine, table.c.created_at < now - KEEP))
    row = (await tx.execute(tx.select(table).where(mine))).one_or_none()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        raise IdempotencyConflict
    return KeptAnswer(row.status, row.location, row.body)


async def keep_answer(tx: Tx, table: Table, request: IdempotentRequest | None, answer: KeptAnswer) -> bool:
    """Keeps the answer; False when another request with the same key was quicker: roll back and give its answer."""
    if request is None:
        return True
    statement = (
        postgresql.insert(table)
        .values(
            tenant_id=tx.tenant,
            user_id=request.user,
            key=request.key,
            fingerprint=request.fingerprint,
            status=answer.status,
            location=answer.location,
            body=answer.body,
        )
        .on_conflict_do_nothing()
        .returning(table.c.key)
    )
    return (await tx.execute(statement)).one_or_none() is not None
