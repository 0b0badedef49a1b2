"""The sequencer's SQL: takes a feed's lease, stamps committed rows with dense positions, reads the unpublished.

It runs on a connection of its own under the relay role, because it asks every few milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import asyncpg
import orjson

from common.settings import PostgresSettings


class LeaseLost(Exception):
    """Another relay holds this feed now."""


@dataclass(frozen=True)
class Lease:
    """The right to order one feed, as long as `fence` is still the newest."""

    fence: int
    epoch: str
    published: int


@dataclass(frozen=True)
class Waiting:
    """An ordered event that may still have to be published."""

    position: int
    epoch: str
    topic: str
    key: str
    event: bytes
    headers: dict[str, str]


class Sequencer:
    """Orders one feed; several may run at once, the lease and its fence let one of them write."""

    def __init__(self, connection: asyncpg.Connection, schema: str, feed: str) -> None:
        self._connection = connection
        self._feed = feed
        self._state = f"{schema}.relay_state"
        self._table = f"{schema}.{feed}"
        self._owner = uuid4().hex

    @classmethod
    async def connect(cls, settings: PostgresSettings, *, role: str, schema: str, feed: str) -> Self:
        """Connects and takes on the relay role for the whole session."""
        connection = await asyncpg.connect(
            settings.dsn.get_secret_value(),
            ssl=settings.ssl_context(),
            timeout=settings.connect_timeout.total_seconds(),
            server_settings={"application_name": f"relay {schema}.{feed}", "statement_timeout": "10000", "role": role},
        )
        return cls(connection, schema, feed)

    async def close(self) -> None:
        """Closes the connection at once."""
        self._connection.terminate()

    async def acquire(self, ttl: timedelta) -> Lease | None:
        """Takes or renews the lease; None while another owner's lease runs. A new owner gets a higher fence."""
        await self._connection.execute(
            f"INSERT INTO {self._state} (feed, epoch) VALUES ($1, $2) ON CONFLICT DO NOTHING",  # noqa: S608
            self._feed,
            uuid4().hex[:12],
        )
        row = await self._connection.fetchrow(
            f"UPDATE {self._state} SET fence = CASE WHEN owner = $2 THEN fence ELSE fence + 1 END, owner = $2,"  # noqa: S608
            " lease_until = now() + $3::interval"
            " WHERE feed = $1 AND (owner IS NULL OR owner = $2 OR lease_until < now())"
            " RETURNING fence, epoch, published_position",
            self._feed,
            self._owner,
            ttl,
        )
        return None if row is None else Lease(row["fence"], row["epoch"], row["published_position"])

    async def release(self) -> None:
        """Gives the lease back, so that the next relay need not wait for its end."""
        await self._connection.execute(
            f"UPDATE {self._state} SET owner = NULL, lease_until = NULL WHERE feed = $1 AND owner = $2",  # noqa: S608
            self._feed,
            self._owner,
        )

    async def stamp(self, lease: Lease, limit: int) -> int:
        """Gives the next positions to committed rows in the order of their sequence number; says to how many.

        The state row is locked first and the fence compared, so two sequencers never number at once.
        """
        async with self._connection.transaction():
            last = await self._connection.fetchval(
                f"SELECT last_position FROM {self._state} WHERE feed = $1 AND fence = $2 FOR UPDATE",  # noqa: S608
                self._feed,
                lease.fence,
            )
            if last is None:
                raise LeaseLost
            stamped: int = await self._connection.fetchval(
                f"WITH waiting AS (SELECT tenant_id, seq FROM {self._table}"  # noqa: S608
                "  WHERE position IS NULL ORDER BY seq LIMIT $1),"
                " numbered AS (SELECT tenant_id, seq, row_number() OVER (ORDER BY seq) AS n FROM waiting),"
                f" done AS (UPDATE {self._table} f SET position = $2 + n, epoch = $3 FROM numbered w"
                "  WHERE f.tenant_id = w.tenant_id AND f.seq = w.seq RETURNING 1)"
                " SELECT count(*) FROM done",
                limit,
                last,
                lease.epoch,
            )
            if stamped:
                await self._connection.execute(
                    f"UPDATE {self._state} SET last_position = $2 WHERE feed = $1",  # noqa: S608
                    self._feed,
                    last + stamped,
                )
        return stamped

    async def has_unstamped(self) -> bool:
        """Whether a committed row waits for its position."""
        return bool(
            await self._connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {self._table} WHERE position IS NULL)")  # noqa: S608
        )

    async def unpublished(self, after: int, limit: int) -> Sequence[Waiting]:
        """The next events in order of position."""
        rows: list[Any] = await self._connection.fetch(
            f"SELECT position, epoch, topic, key, event, headers::text FROM {self._table}"  # noqa: S608
            " WHERE position > $1 ORDER BY position LIMIT $2",
            after,
            limit,
        )
        return [_waiting(row) for row in rows]

    async def published(self, lease: Lease, position: int) -> None:
        """Remembers how far Kafka has confirmed; raises `LeaseLost` when another relay took over."""
        done = await self._connection.execute(
            f"UPDATE {self._state} SET published_position = greatest(published_position, $3)"  # noqa: S608
            " WHERE feed = $1 AND fence = $2",
            self._feed,
            lease.fence,
            position,
        )
        if done != "UPDATE 1":
            raise LeaseLost

    async def forget(self, published: int, keep: timedelta, limit: int = 5_000) -> int:
        """Deletes published events older than `keep`, a bounded number at a time; says how many."""
        done = await self._connection.execute(
            f"DELETE FROM {self._table} WHERE (tenant_id, seq) IN (SELECT tenant_id, seq FROM {self._table}"  # noqa: S608
            " WHERE position <= $1 AND created_at < now() - $2::interval ORDER BY position LIMIT $3)",
            published,
            keep,
            limit,
        )
        return int(done.removeprefix("DELETE "))


def _waiting(row: Any) -> Waiting:
    return Waiting(row["position"], row["epoch"], row["topic"], row["key"], row["event"], orjson.loads(row["headers"]))
