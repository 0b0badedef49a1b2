"""Jira's timestamps come in, UTC times go out; what is no time at all becomes None."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from common.clock import rfc3339

_TIME = re.compile(
    r"(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?$",
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")


def parse_time(value: object) -> datetime | None:
    """`2026-11-23T10:00:00.123-0800` in UTC; a number is epoch milliseconds; out-of-range years are None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return from_epoch_ms(int(value))
    found = _TIME.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        at = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(zone),
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


def parse_date(value: object) -> date | None:
    """A calendar day; years that Python and Postgres cannot share are None."""
    found = _DATE.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def from_epoch_ms(ms: int) -> datetime | None:
    """A time from epoch milliseconds, None when it is out of range."""
    try:
        return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)
    except (ValueError, OverflowError, OSError):
        return None


def epoch_ms(at: datetime) -> int:
    """Whole epoch milliseconds, the zone-free form that JQL takes unquoted."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def shown(at: datetime | None) -> str | None:
    """A time as the API shows it."""
    return None if at is None else rfc3339(at)
