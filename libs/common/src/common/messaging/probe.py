"""Whether Kafka answers, for health checks of services that only produce."""

import asyncio
import time
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient

from common.messaging.kafka import client_options
from common.settings import KafkaSettings

_KEEP = 5.0
_TIMEOUT = 2.5


class KafkaProbe:
    """Asks for metadata, at most once in five seconds however often health is asked."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._asked_at = float("-inf")
        self._answer = False
        self._lock = asyncio.Lock()

    async def answers(self) -> bool:
        """Whether a broker gave its metadata."""
        async with self._lock:
            if time.monotonic() - self._asked_at > _KEEP:
                self._answer = await self._ask()
                self._asked_at = time.monotonic()
        return self._answer

    async def _ask(self) -> bool:
        client = AIOKafkaAdminClient(**client_options(self._settings))
        try:
            async with asyncio.timeout(_TIMEOUT):
                await client.start()
        except Exception:
            return False
        finally:
            with suppress(Exception):
                await client.close()
        return True
