"""What becomes of an export: facts about a job and its steps come in, decisions go out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """Where an export stands, as the API shows it."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FINISHED_WITH_GAPS = "finished_with_gaps"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ACTIVE = frozenset({Status.QUEUED, Status.RUNNING})
WITH_RESULT = frozenset({Status.FINISHED, Status.FINISHED_WITH_GAPS})
RESUMABLE = frozenset({Status.PAUSED, Status.FAILED})


def can_cancel(status: Status) -> bool:
    return status in ACTIVE or status is Status.PAUSED


def can_resume(status: Status) -> bool:
    """A cancelled or expired export has lost its frozen content, so only these can go on."""
    return status in RESUMABLE


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an export waits for a part that is away, and how often a step may take its worker down."""

    limit: timedelta
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(seconds=30)
    claims: int = 5


@dataclass(frozen=True, slots=True)
class Wait:
    pause: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    waited: timedelta


def next_after_outage(now: datetime, waiting_since: datetime | None, outages: int, patience: Patience) -> Wait | GiveUp:
    """A part is away for the nth time in a row: the pauses double, and patience counts from the first of them."""
    waited = now - (waiting_since or now)
    if waited >= patience.limit:
        return GiveUp(waited)
    pause = patience.first_pause * 2 ** min(outages, 16)
    return Wait(min(pause, patience.longest_pause))


def is_poison(claims: int, patience: Patience) -> bool:
    """A step that was taken again and again without anybody handing it back kills whoever takes it."""
    return claims > patience.claims


def final_status(total: int, left_out: int, notes: int) -> Status:
    """Nothing exported is a failure; anything missing, an image too, is a gap that the manifest names."""
    if left_out >= total:
        return Status.FAILED
    return Status.FINISHED_WITH_GAPS if left_out or notes else Status.FINISHED
