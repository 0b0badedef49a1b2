"""The deny list: sessions that ended while their access tokens still run, heard from auth by broadcast."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from common.contracts.access import SessionEndedV1
from common.contracts.topics import Topic
from common.errors import InvalidRequest
from common.ids import InvalidId, SessionId, parse_id
from common.messaging.broadcast import Broadcast, Received
from common.settings import KafkaSettings

#: Access tokens live at most ten minutes, and the clocks may differ by half a minute.
REMEMBER = timedelta(minutes=12)
_MOST = 200_000


class EndedSessionList:
    """In memory in every node; at start it reads back as far as any access token can still run."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._ended: dict[SessionId, float] = {}

    def is_ended(self, session: SessionId) -> bool:
        """Whether the session ended within the life of an access token."""
        return session in self._ended

    def note(self, received: Received) -> SessionEndedV1 | None:
        """Takes over an event; returns it when it ended a session."""
        event = received.envelope.event()
        if not isinstance(event, SessionEndedV1):
            return None
        try:
            session = SessionId(parse_id("ses", event.session_id))
        except (InvalidId, InvalidRequest):
            return None
        self._forget_old()
        self._ended[session] = self._now()
        return event

    def _forget_old(self) -> None:
        limit = self._now() - REMEMBER.total_seconds()
        while self._ended:
            oldest = next(iter(self._ended))
            if self._ended[oldest] > limit and len(self._ended) < _MOST:
                return
            del self._ended[oldest]


async def listen_for_ended_sessions(settings: KafkaSettings, sessions: EndedSessionList) -> None:
    """Keeps the list fresh until it is cancelled."""
    broadcast = Broadcast(settings, (Topic.ACCESS_EVENTS,), start_from=REMEMBER)
    async for received in broadcast.messages():
        sessions.note(received)
        await asyncio.sleep(0)
