"""Signing keys: rows of `auth.signing_keys`, private halves sealed; one instance at a time changes the ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text, update

from auth.domain.signing_keys import KeyLife
from auth.store.tables import signing_keys
from common.crypto import Sealed
from common.db.unit_of_work import AcrossTenantsTx


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it is stored."""

    life: KeyLife
    public: bytes
    private: Sealed


async def lock_ring(tx: AcrossTenantsTx) -> None:
    """Held until the transaction ends, so that two instances never rotate at the same time."""
    # no tenant: a lock, and no table
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('auth.signing_keys'))"))


async def list_keys(tx: AcrossTenantsTx) -> Sequence[KeyRow]:
    statement = select(signing_keys).order_by(
        signing_keys.c.created_at, signing_keys.c.kid
    )  # no tenant: the platform's
    return [
        KeyRow(
            KeyLife(row.kid, row.created_at, row.activated_at, row.retired_at),
            row.public_key,
            Sealed(row.master_key_id, row.private_key),
        )
        for row in await tx.execute(statement)
    ]


async def add_key(tx: AcrossTenantsTx, key: KeyRow) -> None:
    statement = insert(signing_keys).values(  # no tenant: the platform's keys
        kid=key.life.kid,
        public_key=key.public,
        private_key=key.private.blob,
        master_key_id=key.private.key_id,
        created_at=key.life.created_at,
        activated_at=key.life.activated_at,
    )
    await tx.execute(statement)


async def promote_key(tx: AcrossTenantsTx, kid: str, *, now: datetime) -> None:
    statement = update(signing_keys).where(signing_keys.c.kid == kid)  # no tenant: the platform's keys
    await tx.execute(statement.values(activated_at=now))


async def retire_key(tx: AcrossTenantsTx, kid: str, *, now: datetime) -> None:
    statement = update(signing_keys).where(signing_keys.c.kid == kid)  # no tenant: the platform's keys
    await tx.execute(statement.values(retired_at=now))


async def reseal_key(tx: AcrossTenantsTx, kid: str, private: Sealed) -> None:
    statement = update(signing_keys).where(signing_keys.c.kid == kid)  # no tenant: the platform's keys
    await tx.execute(statement.values(private_key=private.blob, master_key_id=private.key_id))


async def remove_key(tx: AcrossTenantsTx, kid: str) -> None:
    statement = delete(signing_keys).where(signing_keys.c.kid == kid)  # no tenant: the platform's keys
    await tx.execute(statement)
