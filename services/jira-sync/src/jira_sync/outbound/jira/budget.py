"""The rate budget of one connection: every call waits here for its turn, and Jira's own figures are kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from common.clock import rfc3339


class Budget:
    """So many calls at once, and none at all while Jira asked for a pause."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._not_before = 0.0
        self.last: dict[str, Any] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place among the calls in flight, taken after every pause has passed."""
        async with self._places:
            clock = asyncio.get_running_loop().time
            while (wait := self._not_before - clock()) > 0:  # noqa: ASYNC110 - pauses may be prolonged
                await asyncio.sleep(wait)
            yield

    def pause(self, span: timedelta) -> None:
        """Nobody asks Jira before this has passed."""
        until = asyncio.get_running_loop().time() + span.total_seconds()
        self._not_before = max(self._not_before, until)

    def note(self, headers: Mapping[str, str], now: datetime) -> None:
        """Keeps what an answer says about the limits."""
        remaining, limit = headers.get("x-ratelimit-remaining"), headers.get("x-ratelimit-limit")
        if remaining is None and limit is None:
            return
        self.last = {
            "remaining": _number(remaining),
            "limit": _number(limit),
            "resets_at": headers.get("x-ratelimit-reset"),
            "at": rfc3339(now),
        }


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
