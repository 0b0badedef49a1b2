"""A failed call to Jira comes in; whether and when to try again comes out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """How patient a call is."""

    attempts: int = 5
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(seconds=60)


@dataclass(frozen=True)
class Failure:
    """What happened: a status, or None when no answer came."""

    status: int | None
    retry_after: str | None = None
    attempt: int = 1


def next_wait(failure: Failure, policy: RetryPolicy, *, now: datetime, jitter: float) -> timedelta | None:
    """How long to wait before the next attempt, None to give up; `jitter` is between 0.7 and 1.3.

    Jira's Retry-After is a floor, never a licence to hammer: 0 and nonsense fall back to our own growing wait,
    and a wait beyond the longest ends the call (the caller comes back after it).
    """
    if failure.status is not None and failure.status not in _RETRIED:
        return None
    if failure.attempt >= policy.attempts:
        return None
    doubled: timedelta = policy.first_wait * int(2 ** (failure.attempt - 1))
    own = min(doubled, policy.longest_wait) * jitter
    asked = parse_retry_after(failure.retry_after, now) or timedelta()
    if asked > policy.longest_wait:
        return None
    return max(own, asked)


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date, None for anything else; capped at a day."""
    if text is None:
        return None
    stripped = text.strip()
    if stripped.isdigit():
        return timedelta(seconds=min(int(stripped[:9]), 86_400))
    try:
        at = parsedate_to_datetime(stripped)
    except (ValueError, TypeError):
        return None
    span = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(span, timedelta()), timedelta(days=1))
