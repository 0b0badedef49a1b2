"""Secrets at rest under a data key per tenant: a secret and a unit of work in, a sealed secret out, and back.

A data key stands in the service's own schema, wrapped by a master key; whoever deletes it closes every secret
that it sealed, wherever a copy of that is kept without the key (docs/adr/0012).
"""

import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Row, Table, Text, Uuid, func, select
from sqlalchemy.dialects import postgresql

from common.crypto import DATA_KEY, CannotUnseal, Sealed, Sealer
from common.db.database import Database
from common.db.unit_of_work import Tx
from common.ids import TenantId

_NONCE = 12
_KEPT_SECONDS = 60.0
_MOST_KEPT = 1024


def data_keys_table(metadata: MetaData) -> Table:
    """The wrapped data keys of a service's tenants; the newest number seals."""
    return Table(
        "data_keys",
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("key_no", Integer, primary_key=True),
        Column("wrapped", LargeBinary, nullable=False),
        Column("master_key_id", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


class TenantSealer:
    """Seals with the newest data key of the transaction's tenant, opens with any that is still there."""

    def __init__(self, master: Sealer, table: Table) -> None:
        self._master = master
        self._table = table
        self._open: OrderedDict[tuple[UUID, int], tuple[float, AESGCM]] = OrderedDict()

    async def seal(self, tx: Tx, secret: bytes, *, owner: bytes) -> Sealed:
        """Seals a secret; only the same tenant and the same `owner` bytes open it again."""
        row = await self._newest(tx)
        if row is None:
            await self._add_first(tx)
            row = await self._newest(tx)
        if row is None:
            raise CannotUnseal
        nonce = os.urandom(_NONCE)
        blob = nonce + self._unwrapped(tx.tenant, row).encrypt(nonce, secret, tx.tenant.bytes + owner)
        return Sealed(f"{DATA_KEY}{row.key_no}", blob)

    async def unseal(self, tx: Tx, sealed: Sealed, *, owner: bytes) -> bytes:
        """Opens a sealed secret; raises `CannotUnseal` for a missing key, another tenant or owner, altered bytes."""
        if not sealed.key_id.startswith(DATA_KEY):
            # Sealed before tenants had keys; bootstrap seals it anew, and until then it is read as it was written.
            return self._master.unseal(sealed, owner=owner)
        key = await self._key(tx, int(sealed.key_id.removeprefix(DATA_KEY)))
        try:
            return key.decrypt(sealed.blob[:_NONCE], sealed.blob[_NONCE:], tx.tenant.bytes + owner)
        except InvalidTag:
            raise CannotUnseal from None

    def forget(self, tenant: TenantId) -> None:
        """Drops what is kept in memory of a tenant whose keys were deleted."""
        for known in [known for known in self._open if known[0] == tenant]:
            del self._open[known]

    async def _key(self, tx: Tx, number: int) -> AESGCM:
        kept = self._open.get((tx.tenant, number))
        if kept is not None and time.monotonic() - kept[0] < _KEPT_SECONDS:
            return kept[1]
        found = await tx.execute(tx.select(self._table).where(self._table.c.key_no == number))
        row = found.one_or_none()
        if row is None:
            self._open.pop((tx.tenant, number), None)
            raise CannotUnseal(detail="The data key of this secret is gone.")
        key = self._unwrapped(tx.tenant, row)
        self._open[(tx.tenant, number)] = (time.monotonic(), key)
        while len(self._open) > _MOST_KEPT:
            self._open.popitem(last=False)
        return key

    async def _newest(self, tx: Tx) -> Row[Any] | None:
        return (await tx.execute(tx.select(self._table).order_by(self._table.c.key_no.desc()).limit(1))).one_or_none()

    async def _add_first(self, tx: Tx) -> None:
        """Whoever comes second waits for the first one's commit and uses its key."""
        wrapped = self._master.seal(os.urandom(32), owner=_owner(self._table, tx.tenant, 1))
        statement = postgresql.insert(self._table).values(
            tenant_id=tx.tenant, key_no=1, wrapped=wrapped.blob, master_key_id=wrapped.key_id
        )
        await tx.execute(statement.on_conflict_do_nothing())

    def _unwrapped(self, tenant: TenantId, row: Row[Any]) -> AESGCM:
        owner = _owner(self._table, tenant, row.key_no)
        return AESGCM(self._master.unseal(Sealed(row.master_key_id, row.wrapped), owner=owner))


@dataclass(frozen=True)
class Rewrapped:
    """How many keys went under the active master key, and how many stand under another one still."""

    done: int = 0
    left: int = 0

    def __add__(self, other: "Rewrapped") -> "Rewrapped":
        return Rewrapped(self.done + other.done, self.left + other.left)


async def rewrap_data_keys(db: Database, table: Table, master: Sealer, *, finder: str) -> Rewrapped:
    """Wraps every data key of a service anew; one short transaction for each tenant, so it may be interrupted."""
    total = Rewrapped()
    for tenant in await _tenants_to_rewrap(db, table, master, finder):
        async with db.uow(tenant) as tx:
            stale = table.c.master_key_id != master.active
            for row in (await tx.execute(tx.select(table).where(stale).with_for_update())).all():
                total += Rewrapped(*await _rewrap(tx, table, row, master))
    return total


async def _rewrap(tx: Tx, table: Table, row: Row[Any], master: Sealer) -> tuple[int, int]:
    owner = _owner(table, tx.tenant, row.key_no)
    try:
        plain = master.unseal(Sealed(row.master_key_id, row.wrapped), owner=owner)
    except CannotUnseal:
        return 0, 1
    fresh = master.seal(plain, owner=owner)
    changed = tx.update(table).where(table.c.key_no == row.key_no)
    await tx.execute(changed.values(wrapped=fresh.blob, master_key_id=fresh.key_id))
    return 1, 0


async def _tenants_to_rewrap(db: Database, table: Table, master: Sealer, finder: str) -> Sequence[TenantId]:
    async with db.uow_for_all_tenants("rewrapping finds data keys under an old master key", role=finder) as tx:
        # across tenants: all of them are wrapped anew
        found = await tx.execute(select(table.c.tenant_id).where(table.c.master_key_id != master.active).distinct())
        return [TenantId(row.tenant_id) for row in found]


def _owner(table: Table, tenant: TenantId, number: int) -> bytes:
    return f"{table.schema}.data_keys:{tenant}:{number}".encode()
