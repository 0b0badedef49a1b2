"""A service's database: opens units of work for writes and lean readers for hot reads, per tenant."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any, Self

import asyncpg
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from common.db.errors import translated
from common.db.openings import Openings
from common.db.reading import Reader, open_reader
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import PLATFORM, TenantId
from common.settings import PostgresSettings


def _ms(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))


async def _no_reset(_connection: object) -> None:
    """Readers end their own transaction, and nothing else is ever set on these connections."""


class Database:
    """Connections of one service with its own role; `async with db:` (or `open`) starts the readers' pool.

    Nothing is asked of the server at the start, so a service can start before its database.
    """

    def __init__(self, settings: PostgresSettings, *, name: str, outbox: Table | None = None) -> None:
        self._settings = settings
        self._outbox = outbox
        self._openings = Openings(name, outbox)
        self._options: dict[str, Any] = {
            "server_settings": {
                "application_name": name,
                "statement_timeout": _ms(settings.statement_timeout),
                "lock_timeout": _ms(settings.lock_timeout),
                "idle_in_transaction_session_timeout": _ms(settings.idle_in_transaction_timeout),
                "jit": "off",
            },
            "timeout": settings.connect_timeout.total_seconds(),
            "ssl": settings.ssl_context(),
        }
        self._engine = create_async_engine(
            settings.dsn.get_secret_value().replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=settings.pool_max,
            max_overflow=0,
            pool_timeout=settings.connect_timeout.total_seconds(),
            pool_pre_ping=True,
            connect_args=self._options,
        )
        self._pool: asyncpg.Pool | None = None
        #: Set after a commit that emitted events; the relay waits for it.
        self.emitted = asyncio.Event()

    @classmethod
    async def open(cls, settings: PostgresSettings, *, name: str, outbox: Table | None = None) -> Self:
        """A database that is open already; `close` it."""
        return await cls(settings, name=name, outbox=outbox).__aenter__()

    async def __aenter__(self) -> Self:
        dsn = self._settings.replica_dsn or self._settings.dsn
        self._pool = asyncpg.create_pool(
            dsn.get_secret_value(), min_size=0, max_size=self._settings.pool_max, reset=_no_reset, **self._options
        )
        await self._pool
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every connection; units of work that are open keep theirs until they end."""
        if self._pool is not None:
            await self._pool.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def uow(self, tenant: TenantId) -> AsyncIterator[Tx]:
        """One transaction of one tenant: leaving the block commits, an exception rolls back."""
        async with self._begin() as connection:
            await connection.execute(text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)})
            tx = Tx(connection, tenant, self._outbox)
            yield tx
        if tx.emitted:
            self.emitted.set()

    @asynccontextmanager
    async def uow_for_all_tenants(self, reason: str, *, role: str) -> AsyncIterator[AcrossTenantsTx]:
        """One transaction across tenants under a role of `common.db.roles`; `reason` is counted, logged and audited."""
        await self._tell_opening(reason, role)
        async with self._begin() as connection:
            quoted = connection.dialect.identifier_preparer.quote(role)
            await connection.execute(text(f"SET LOCAL ROLE {quoted}"))
            await connection.execute(text("SELECT set_config('app.reason', :reason, true)"), {"reason": reason})
            yield AcrossTenantsTx(connection)

    async def _tell_opening(self, reason: str, role: str) -> None:
        entry = self._openings.count(reason, role)
        if entry is None:
            return
        try:
            async with self.uow(PLATFORM) as tx:
                await tx.emit(entry)
        except BaseException:
            self._openings.forget(reason)
            raise

    def read(self, tenant: TenantId) -> AbstractAsyncContextManager[Reader]:
        """One lean read-only transaction of one tenant."""
        if self._pool is None:
            raise RuntimeError("the database is not open")
        return open_reader(self._pool, tenant)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A transaction without tenant or role: for tables that belong to no tenant, and for health checks."""
        async with self._begin() as connection:
            yield connection

    async def is_reachable(self) -> bool:
        """Whether the database answers; raises nothing."""
        try:
            async with self._begin() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except Exception as error:
            ours = translated(error)
            if ours is not None:
                raise ours from error
            raise
