"""The deny list: sessions that ended and rights that changed while access tokens still run, heard from auth."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from common.contracts.access import MembershipChangedV1, SessionEndedV1
from common.errors import AppError
from common.ids import SessionId, TenantId, UserId, parse_id
from common.messaging.broadcast import Received

#: Access tokens live at most ten minutes, and the clocks may differ by half a minute.
REMEMBER = timedelta(minutes=12)
_MOST = 200_000

K = TypeVar("K")


class EndedSessionList:
    """In memory in every node; at start it reads back as far as any access token can still run (docs/adr/0010)."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._ended: dict[tuple[TenantId, SessionId], tuple[float, int]] = {}
        self._changed: dict[tuple[TenantId, UserId], tuple[float, int]] = {}

    def is_ended(self, tenant: TenantId, session: SessionId) -> bool:
        """Whether the session ended within the life of an access token; only its own tenant's word counts."""
        kept = self._ended.get((tenant, session))
        return kept is not None and kept[0] > self._now() - REMEMBER.total_seconds()

    def is_outdated(self, tenant: TenantId, user: UserId, as_of: int) -> bool:
        """Whether the member's rights changed after what the token says of them (microseconds since 1970)."""
        changed = self._changed.get((tenant, user))
        return changed is not None and as_of < changed[1]

    def note(self, received: Received) -> SessionEndedV1 | None:
        """Takes over an event; returns it when it ended a session."""
        event = received.envelope.event()
        try:
            if isinstance(event, SessionEndedV1):
                session = (received.envelope.tenant, SessionId(parse_id("ses", event.session_id)))
                self._keep(self._ended, session, 0)
                return event
            if isinstance(event, MembershipChangedV1):
                member = (received.envelope.tenant, UserId(parse_id("usr", event.user_id)))
                at = int(event.at.timestamp()) * 1_000_000 + event.at.microsecond
                self._keep(self._changed, member, max(at, self._changed.get(member, (0.0, 0))[1]))
        except AppError:
            return None
        return None

    def _keep(self, memory: dict[K, tuple[float, int]], key: K, value: int) -> None:
        """The newest stands last, so that the oldest is found at once."""
        memory.pop(key, None)
        limit = self._now() - REMEMBER.total_seconds()
        while memory and (len(memory) >= _MOST or next(iter(memory.values()))[0] <= limit):
            del memory[next(iter(memory))]
        memory[key] = (self._now(), value)
