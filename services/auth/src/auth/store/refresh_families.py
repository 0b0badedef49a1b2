"""Refresh families and their tokens, of which only fingerprints are kept; callers hold the lock of the session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from auth.domain.families import Family, Presented, fingerprint
from auth.store.tables import refresh_families, refresh_tokens
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import SessionId, TenantId, new_id


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family and the presented token in it; `salt` tells the successor while that may be asked for again."""

    family_id: UUID
    family: Family
    token: Presented
    salt: bytes | None


async def find_tenant_of_token(tx: AcrossTenantsTx, token: str) -> TenantId | None:
    by_hash = refresh_tokens.c.token_hash == fingerprint(token)
    statement = select(refresh_tokens.c.tenant_id).where(by_hash)  # across tenants: by the finder role
    found: UUID | None = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else TenantId(found)


async def find_session_of_token(tx: Tx, token: str) -> SessionId | None:
    statement = (
        tx.select(refresh_tokens, refresh_families.c.session_id)
        .join(refresh_families, refresh_families.c.family_id == refresh_tokens.c.family_id)
        .where(refresh_tokens.c.token_hash == fingerprint(token), refresh_families.c.tenant_id == tx.tenant)
    )
    found: UUID | None = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else SessionId(found)


async def get_family(tx: Tx, token: str) -> FamilyRow:
    """Read under the session's lock, so that of ten callers each sees what the one before did."""
    statement = (
        tx.select(
            refresh_tokens,
            refresh_families.c.family_id,
            refresh_families.c.generation.label("living"),
            refresh_families.c.expires_at,
            refresh_families.c.revoked_at,
            refresh_tokens.c.generation,
            refresh_tokens.c.used_at,
            refresh_tokens.c.salt,
        )
        .join(refresh_families, refresh_families.c.family_id == refresh_tokens.c.family_id)
        .where(refresh_tokens.c.token_hash == fingerprint(token), refresh_families.c.tenant_id == tx.tenant)
    )
    row = (await tx.execute(statement)).one()
    family = Family(row.living, row.expires_at, row.revoked_at)
    return FamilyRow(row.family_id, family, Presented(row.generation, row.used_at), row.salt)


async def add_family(tx: Tx, session: SessionId, token: str, *, expires_at: datetime, now: datetime) -> None:
    family_id = new_id()
    values = {"family_id": family_id, "session_id": session, "generation": 1, "expires_at": expires_at}
    await tx.execute(tx.insert(refresh_families).values(**values))
    await _add_token(tx, family_id, token, 1, now)


async def rotate(
    tx: Tx, row: FamilyRow, token: str, successor: str, *, salt: bytes, expires_at: datetime, now: datetime
) -> None:
    """The presented token is used, its successor lives, and the way to the token before it is forgotten."""
    family_id, generation = row.family_id, row.family.generation
    mine = refresh_tokens.c.family_id == family_id
    before = tx.update(refresh_tokens).where(mine, refresh_tokens.c.generation == generation - 1)
    await tx.execute(before.values(salt=None))
    used = tx.update(refresh_tokens).where(refresh_tokens.c.token_hash == fingerprint(token))
    await tx.execute(used.values(used_at=now, salt=salt))
    await _add_token(tx, family_id, successor, generation + 1, now)
    family = tx.update(refresh_families).where(refresh_families.c.family_id == family_id)
    await tx.execute(family.values(generation=generation + 1, expires_at=expires_at))


async def _add_token(tx: Tx, family_id: UUID, token: str, generation: int, now: datetime) -> None:
    values = {"token_hash": fingerprint(token), "family_id": family_id, "generation": generation, "issued_at": now}
    await tx.execute(tx.insert(refresh_tokens).values(**values))


async def forget_salts(tx: Tx, *, used_before: datetime) -> None:
    """After the grace nobody may ask for the successor again, so the way to it is not kept either."""
    old = tx.update(refresh_tokens).where(refresh_tokens.c.salt.is_not(None), refresh_tokens.c.used_at < used_before)
    await tx.execute(old.values(salt=None))
