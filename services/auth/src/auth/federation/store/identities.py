"""Who an issuer's subject is in a tenant, and which sign-ins are used up."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql

from auth.federation.store.tables import federated_identities, finished_sign_ins
from common.db.unit_of_work import Tx
from common.ids import UserId


async def find_linked_user(tx: Tx, issuer: str, subject: str) -> UserId | None:
    statement = tx.select(federated_identities, federated_identities.c.user_id).where(
        federated_identities.c.issuer == issuer, federated_identities.c.subject == subject
    )
    found: UUID | None = (await tx.execute(statement)).scalar_one_or_none()
    return None if found is None else UserId(found)


async def link_identity(tx: Tx, issuer: str, subject: str, user: UserId, *, now: datetime) -> None:
    """Never moves an identity from one person to another: the key refuses that."""
    values = {"issuer": issuer, "subject": subject, "user_id": user, "linked_at": now, "last_used_at": now}
    await tx.execute(tx.insert(federated_identities).values(**values))


async def touch_identity(tx: Tx, issuer: str, subject: str, *, now: datetime) -> None:
    statement = tx.update(federated_identities).where(
        federated_identities.c.issuer == issuer, federated_identities.c.subject == subject
    )
    await tx.execute(statement.values(last_used_at=now))


async def use_up(tx: Tx, state: str, *, expires: datetime) -> bool:
    """False when this sign-in was finished before."""
    values = {
        "tenant_id": tx.tenant,
        "state_hash": hashlib.sha256(state.encode()).digest(),
        "expires_at": expires,
    }
    statement = postgresql.insert(finished_sign_ins).values(**values)  # the tenant is in the values
    return await tx.affected(statement.on_conflict_do_nothing()) == 1


async def forget_finished(tx: Tx, *, now: datetime) -> None:
    await tx.execute(tx.delete(finished_sign_ins).where(finished_sign_ins.c.expires_at < now))
