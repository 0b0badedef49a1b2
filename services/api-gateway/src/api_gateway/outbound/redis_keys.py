"""Removes every key of Redis whose name holds one of some texts: the traces of a deleted tenant."""

from collections.abc import AsyncIterator, Sequence

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError

from common.errors import Unavailable
from common.settings import RedisSettings

_SCANNED = 1000


class RedisKeys:
    """Walks all keys, which is slow and harmless: Redis answers others between two steps."""

    def __init__(self, settings: RedisSettings) -> None:
        url, seconds = settings.url.get_secret_value(), 5.0
        self._client: Redis | RedisCluster = (
            RedisCluster.from_url(url, socket_timeout=seconds)
            if settings.cluster
            else Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
        )

    async def remove(self, texts: Sequence[str]) -> int:
        """How many are left; raises `Unavailable` while Redis is away, because nobody can know then."""
        try:
            async for key in self._holding(texts):
                await self._client.unlink(key)
            return len([key async for key in self._holding(texts)])
        except (RedisError, OSError) as error:
            raise Unavailable(detail="Redis does not answer.") from error

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _holding(self, texts: Sequence[str]) -> AsyncIterator[bytes]:
        for text in texts:
            async for key in self._client.scan_iter(match=f"*{text}*", count=_SCANNED):
                yield key
