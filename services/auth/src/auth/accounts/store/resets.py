"""Links to a new password: rows of `auth.password_resets`, which belong to people and so to no tenant."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from auth.accounts.store.tables import password_resets as resets
from auth.domain.families import fingerprint
from common.db.unit_of_work import AcrossTenantsTx
from common.ids import UserId


@dataclass(frozen=True, slots=True)
class Reset:
    """Whose password may be set, and until when."""

    user: UserId
    expires: datetime


async def add_reset(tx: AcrossTenantsTx, user: UserId, token: str, *, now: datetime, expires: datetime) -> None:
    values = {"token_hash": fingerprint(token), "user_id": user, "created_at": now, "expires_at": expires}
    await tx.execute(insert(resets).values(**values))  # no tenant: people belong to no tenant


async def find_reset(tx: AcrossTenantsTx, token: str) -> Reset | None:
    statement = select(resets).where(resets.c.token_hash == fingerprint(token))  # no tenant: as above
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Reset(UserId(row.user_id), row.expires_at)


async def take_reset(tx: AcrossTenantsTx, token: str) -> bool:
    """Of two at once one gets it; the person's other links end with it."""
    statement = delete(resets).where(resets.c.token_hash == fingerprint(token)).returning(resets.c.user_id)
    user = (await tx.execute(statement)).scalar_one_or_none()  # no tenant: as above
    if user is not None:
        await tx.execute(delete(resets).where(resets.c.user_id == user))  # no tenant: as above
    return user is not None


async def forget_resets(tx: AcrossTenantsTx, user: UserId) -> None:
    """A password that was changed otherwise ends the links that were asked for before."""
    await tx.execute(delete(resets).where(resets.c.user_id == user))  # no tenant: as above


async def purge_resets(tx: AcrossTenantsTx, *, expired_before: datetime) -> int:
    return await tx.affected(delete(resets).where(resets.c.expires_at < expired_before))  # no tenant: as above
