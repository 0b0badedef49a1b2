"""The unit of work: one transaction of one tenant, the only place where data is written."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CursorResult,
    Delete,
    Executable,
    Insert,
    Result,
    Select,
    Table,
    Update,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from common.contracts.events import Event
from common.db.feed import outbox_row
from common.ids import TenantId


class AcrossTenantsTx:
    """A transaction that sees the tables its role may see across tenants; statements are not scoped."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Result[Any]:
        """Runs one statement."""
        return await self._connection.execute(statement, params)

    async def affected(self, statement: Executable) -> int:
        """Runs a write and says how many rows it touched."""
        return cast("CursorResult[Any]", await self._connection.execute(statement)).rowcount


class Tx(AcrossTenantsTx):
    """A transaction of one tenant: every statement starts from one of its scoped builders."""

    def __init__(self, connection: AsyncConnection, tenant: TenantId, outbox: Table | None) -> None:
        super().__init__(connection)
        self.tenant = tenant
        self._outbox = outbox
        self.emitted = 0

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """SELECT of this tenant's rows."""
        return select(*(columns or (table,))).where(table.c.tenant_id == self.tenant)

    def update(self, table: Table) -> Update:
        """UPDATE of this tenant's rows."""
        return update(table).where(table.c.tenant_id == self.tenant)

    def delete(self, table: Table) -> Delete:
        """DELETE of this tenant's rows."""
        return delete(table).where(table.c.tenant_id == self.tenant)

    def insert(self, table: Table) -> Insert:
        """INSERT of one row of this tenant; add `.values(...)`."""
        return insert(table).values(tenant_id=self.tenant)

    async def insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Inserts many rows of this tenant."""
        if rows:
            await self._connection.execute(insert(table), [{**row, "tenant_id": self.tenant} for row in rows])

    async def upsert(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: Sequence[str],
        update: Sequence[str] | None = None,
    ) -> None:
        """Inserts rows, or updates those that are there by `key` (tenant_id is part of it by itself).

        `update` names the columns to overwrite (all others by default; an empty one means "leave what is there").
        One compiled statement is sent with all rows in one go, so any number of them fits.
        """
        if not rows:
            return
        index = ["tenant_id", *key]
        statement = postgresql.insert(table)
        columns = [name for name in rows[0] if name not in index] if update is None else list(update)
        if columns:
            new = {name: statement.excluded[name] for name in columns}
            statement = statement.on_conflict_do_update(index_elements=index, set_=new)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=index)
        await self._connection.execute(statement, [{**row, "tenant_id": self.tenant} for row in rows])

    async def emit(self, event: Event, **columns: Any) -> None:
        """Puts an event into the service's outbox in this transaction; `columns` are the feed's own extra columns."""
        if self._outbox is None:
            raise RuntimeError("this database was opened without an outbox")
        await self._connection.execute(insert(self._outbox), [{**outbox_row(event, self.tenant), **columns}])
        self.emitted += 1

    async def first_time(self, inbox: Table, event_id: UUID, consumer: str) -> bool:
        """Notes that `consumer` handles the event; False when it already did (leave the handler then)."""
        statement = (
            postgresql.insert(inbox)
            .values(tenant_id=self.tenant, event_id=event_id, consumer=consumer)
            .on_conflict_do_nothing()
        )
        return cast("CursorResult[Any]", await self._connection.execute(statement)).rowcount == 1
