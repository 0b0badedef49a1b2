"""Epoch milliseconds in, the texts Jira writes for them out, and back."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

zone = lru_cache(maxsize=256)(ZoneInfo)

_JIRA_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?(Z|[+-]\d\d:?\d\d)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhm])")
_SECONDS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}


def jira_time(ms: int, zone_name: str) -> str:
    """`2026-11-23T16:15:50.123-0500`: milliseconds and an offset without a colon."""
    moment = datetime.fromtimestamp(ms // 1000, zone(zone_name))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}{moment:%z}"


def utc_time(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def parse_time(text: str) -> int:
    """Raises ValueError for anything that is not a full timestamp with an offset."""
    match = _JIRA_TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a timestamp: {text!r}")
    offset = match[3].replace("Z", "+0000").replace(":", "")
    moment = datetime.fromisoformat(match[1] + offset)
    return int(moment.timestamp()) * 1000 + int((match[2] or "0").ljust(3, "0"))


def duration_text(seconds: int) -> str:
    """`1w 2d 3h 4m` with Jira's working days of eight hours and weeks of five days."""
    parts = []
    for unit, size in _SECONDS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"


def parse_duration(text: str) -> int:
    found = _DURATION.findall(text.lower())
    if not found or _DURATION.sub("", text.lower()).strip():
        raise ValueError(f"not a duration: {text!r}")
    return int(sum(float(count) * _SECONDS[unit] for count, unit in found))
