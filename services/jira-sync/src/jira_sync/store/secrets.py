"""Secrets of connections, sealed for exactly one tenant and connection; in the clear only in memory."""

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from common.crypto import DATA_KEY, Sealed
from common.db.data_keys import TenantSealer
from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from jira_sync.domain.connection import ConnectionNotFound
from jira_sync.store.tables import connection_secrets


@dataclass(frozen=True)
class Secrets:
    """The secret that signs in at Jira, and the one with which Jira signs its deliveries."""

    credential: str = field(repr=False)
    webhook: str = field(repr=False)


async def put_secrets(
    tx: Tx, sealer: TenantSealer, connection: ConnectionId, secrets: Secrets, *, at: datetime
) -> None:
    """Seals and stores them, in place of what was there."""
    text = orjson.dumps({"credential": secrets.credential, "webhook": secrets.webhook})
    sealed = await sealer.seal(tx, text, owner=_owner(tx, connection))
    row = {"connection_id": connection, "key_id": sealed.key_id, "sealed": sealed.blob, "updated_at": at}
    await tx.upsert(connection_secrets, [row], key=("connection_id",))


async def get_secrets(tx: Tx, sealer: TenantSealer, connection: ConnectionId) -> Secrets:
    """Opens them; raises `ConnectionNotFound` where there are none."""
    found = await tx.execute(tx.select(connection_secrets).where(connection_secrets.c.connection_id == connection))
    row = found.one_or_none()
    if row is None:
        raise ConnectionNotFound
    opened = orjson.loads(await sealer.unseal(tx, Sealed(row.key_id, row.sealed), owner=_owner(tx, connection)))
    return Secrets(opened["credential"], opened["webhook"])


async def reseal_secrets(tx: Tx, sealer: TenantSealer) -> int:
    """Seals what stands under a master key with the tenant's data key; how many that were. May be repeated."""
    table = connection_secrets
    old = tx.select(table).where(table.c.key_id.not_like(f"{DATA_KEY}%")).with_for_update()
    rows = (await tx.execute(old)).all()
    for row in rows:
        owner = _owner(tx, ConnectionId(row.connection_id))
        text = await sealer.unseal(tx, Sealed(row.key_id, row.sealed), owner=owner)
        sealed = await sealer.seal(tx, text, owner=owner)
        changed = tx.update(table).where(table.c.connection_id == row.connection_id)
        await tx.execute(changed.values(key_id=sealed.key_id, sealed=sealed.blob))
    return len(rows)


def _owner(tx: Tx, connection: ConnectionId) -> bytes:
    return tx.tenant.bytes + connection.bytes
