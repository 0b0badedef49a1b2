"""Tenants whose grants changed: noted by the reader of the bus, taken by a job, counted for who reads meanwhile."""

import asyncio
from collections import Counter


class GrantChanges:
    """Whoever read grants compares the count of before and after: another one means that he read too early."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()

    def note(self, tenant: str) -> None:
        """Grants of a tenant changed."""
        self._count[tenant] += 1
        self._waiting.add(tenant)
        self._wake.set()

    def count(self, tenant: str) -> int:
        """How many changes there were since this node started."""
        return self._count[tenant]

    async def taken(self) -> set[str]:
        """The tenants whose viewers have to be looked at again; waits until there is one."""
        await self._wake.wait()
        self._wake.clear()
        waiting, self._waiting = self._waiting, set()
        return waiting
