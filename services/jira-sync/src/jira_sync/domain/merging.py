"""An observation of an issue and what the mirror has of it come in; whether to store it comes out."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


@dataclass(frozen=True)
class Head:
    """What the mirror has of an issue: enough to judge whether an observation is news."""

    updated: datetime
    observed_at: datetime
    content_hash: bytes
    deleted_at: datetime | None


class Verdict(Enum):
    """What to do with an observation."""

    INSERT = auto()
    UPDATE = auto()
    REVIVE = auto()
    REFRESH = auto()  # the same content, seen later
    SKIP = auto()


def verdict_on(
    head: Head | None, *, updated: datetime, observed_at: datetime, content_hash: bytes, gone_at: datetime | None
) -> Verdict:
    """Newer states win, whatever the order in which they arrive; what was seen gone later stays gone."""
    if gone_at is not None and observed_at <= gone_at:
        return Verdict.SKIP
    if head is None:
        return Verdict.INSERT
    if head.deleted_at is not None:
        return Verdict.REVIVE
    if (updated, observed_at) < (head.updated, head.observed_at):
        return Verdict.SKIP
    if content_hash == head.content_hash:
        return Verdict.REFRESH if observed_at > head.observed_at else Verdict.SKIP
    return Verdict.UPDATE


def is_gone(head: Head | None, *, observed_at: datetime) -> bool:
    """Whether a 404 asked for at `observed_at` takes the issue out: not when it was seen after that."""
    return head is not None and head.deleted_at is None and observed_at > head.observed_at
