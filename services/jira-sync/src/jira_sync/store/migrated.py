"""Whether the schemas of the mirror stand as this version needs them."""

from common.db.database import Database
from sqlalchemy import select

from jira_sync.store.tables import idempotency, relay_state


async def is_migrated(database: Database) -> bool:
    """Raises what the database says when they do not; health takes that as a no."""
    async with database.connection() as connection:
        await connection.execute(select(relay_state).limit(0))  # unscoped: belongs to no tenant
        await connection.execute(select(idempotency.c.key).where(idempotency.c.key.is_(None)).limit(0))  # unscoped
    return True
