"""The timers of the audit log: own entries are written twice a second, old ones go once an hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from api_gateway.app import App
from api_gateway.audit.usecases.forget_entries import forget_old_entries
from api_gateway.audit.usecases.keep_own_entries import keep_own_entries

_WRITE_EVERY = 0.5
_FORGET_EVERY = 3_600.0
_AT_THE_END = 5.0


class AuditTimers:
    """Background jobs of one gateway, and what is left to do when it ends."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def write(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(_WRITE_EVERY)
            await keep_own_entries(self._app)

    async def forget(self) -> None:
        """Until it is cancelled."""
        while True:
            await forget_old_entries(self._app)
            await asyncio.sleep(_FORGET_EVERY)

    @asynccontextmanager
    async def write_the_rest(self) -> AsyncIterator[None]:
        """A part that ends before the database does; a database that is away holds it up for seconds only."""
        yield
        with suppress(TimeoutError):
            async with asyncio.timeout(_AT_THE_END):
                await keep_own_entries(self._app)
