"""What a poll found and what the mirror has come in; what to fetch and where the watermark stands come out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Seen:
    """An issue as a search by `updated` showed it."""

    jira_id: int
    updated: datetime


def poll_from(watermark: datetime, *, overlap: timedelta, skew: timedelta) -> datetime:
    """Where a poll starts: before the watermark, because the index lags, and in Jira's time."""
    return watermark - overlap + skew


def to_fetch(seen: Iterable[Seen], mirrored: Mapping[int, datetime]) -> list[int]:
    """Issues whose (id, updated) the mirror does not have; one that the mirror has newer is not asked for again."""
    return sorted({entry.jira_id for entry in seen if _is_news(entry, mirrored.get(entry.jira_id))})


def _is_news(entry: Seen, have: datetime | None) -> bool:
    return have is None or have < entry.updated


def next_watermark(watermark: datetime, *, started: datetime) -> datetime:
    """After a poll whose finds are all stored: its start. It never goes back."""
    return max(watermark, started)
