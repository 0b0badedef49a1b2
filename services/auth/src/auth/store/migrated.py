"""Whether schema `auth` stands as this version needs it."""

from sqlalchemy import select

from auth.domain.platform import PLATFORM
from auth.store.tables import refresh_families, signing_keys
from common.db.database import Database


async def is_migrated(database: Database) -> bool:
    """Raises what the database says when it does not; health takes that as a no."""
    async with database.uow(PLATFORM) as tx:
        await tx.execute(tx.select(refresh_families).limit(0))
        await tx.execute(select(signing_keys).limit(0))  # no tenant: the platform's keys
    return True
