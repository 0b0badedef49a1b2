"""Secrets of connections, sealed for exactly one tenant and connection; in the clear only in memory."""

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from common.crypto import Sealed, Sealer
from common.db.unit_of_work import Tx
from common.ids import ConnectionId
from jira_sync.domain.connection import ConnectionNotFound
from jira_sync.store.tables import connection_secrets


@dataclass(frozen=True)
class Secrets:
    """The secret that signs in at Jira, and the one with which Jira signs its deliveries."""

    credential: str = field(repr=False)
    webhook: str = field(repr=False)


async def put_secrets(tx: Tx, sealer: Sealer, connection: ConnectionId, secrets: Secrets, *, at: datetime) -> None:
    """Seals and stores them, in place of what was there."""
    text = orjson.dumps({"credential": secrets.credential, "webhook": secrets.webhook})
    sealed = sealer.seal(text, owner=_owner(tx, connection))
    row = {"connection_id": connection, "key_id": sealed.key_id, "sealed": sealed.blob, "updated_at": at}
    await tx.upsert(connection_secrets, [row], key=("connection_id",))


async def get_secrets(tx: Tx, sealer: Sealer, connection: ConnectionId) -> Secrets:
    """Opens them; raises `ConnectionNotFound` where there are none."""
    found = await tx.execute(tx.select(connection_secrets).where(connection_secrets.c.connection_id == connection))
    row = found.one_or_none()
    if row is None:
        raise ConnectionNotFound
    opened = orjson.loads(sealer.unseal(Sealed(row.key_id, row.sealed), owner=_owner(tx, connection)))
    return Secrets(opened["credential"], opened["webhook"])


def _owner(tx: Tx, connection: ConnectionId) -> bytes:
    return tx.tenant.bytes + connection.bytes
