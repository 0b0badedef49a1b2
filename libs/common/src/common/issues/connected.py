"""A live connection of a tenant as reads of the mirror need it, and how fresh the mirror of several is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.ids import ConnectionId


@dataclass(frozen=True, slots=True)
class LiveConnection:
    """A connection that was not deleted; `complete_as_of` is None until its first backfill is done."""

    connection_id: ConnectionId
    base_url: str
    complete_as_of: datetime | None
    account_id: str | None


def data_as_of(live: Sequence[LiveConnection]) -> datetime | None:
    """What `X-Data-As-Of` says: the oldest of the moments; None when one of them is not complete yet."""
    times = [connection.complete_as_of for connection in live]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None
