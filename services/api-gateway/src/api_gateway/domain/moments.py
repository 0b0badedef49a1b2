"""Dates and times as people write them in a query become moments in UTC."""

import re
from datetime import UTC, date, datetime, time

# In an address "+" means a space, so "+03:00" arrives as " 03:00".
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)$")


def parse_moment(text: str) -> datetime:
    """`2026-01-31` is its first moment in UTC; a time without an offset is UTC; raises ValueError."""
    written = _LOST_PLUS.sub(r"\1+\2", text.strip())
    try:
        if len(written) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(written), time(), UTC)
        moment = datetime.fromisoformat(written)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("expected a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z") from None


def parse_day(text: str) -> date:
    """`2026-01-31`; raises ValueError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("expected a date like 2026-01-31") from None
