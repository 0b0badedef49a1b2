"""Dates, sizes and times in English and Russian."""

from datetime import UTC, date, datetime

import pytest

from export_worker.outbound.pdf.labels import Labels

AT = datetime(2026, 1, 31, 22, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        ("en", "UTC", "31 Jan 2026, 22:05 UTC"),
        ("ru", "Europe/Moscow", "1 февр. 2026, 01:05 MSK"),
        ("de", "Nowhere/Land", "31 Jan 2026, 22:05 UTC"),
        ("ru-RU", "../../etc/passwd", "31 янв. 2026, 22:05 UTC"),
    ],
)
def test_moments(language: str, zone: str, expected: str) -> None:
    assert plain(Labels.of(language, zone).moment_with_zone(AT)) == expected


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [(0, "0 B", "0 Б"), (1023, "1023 B", "1023 Б"), (1536, "1.5 KB", "1,5 КБ"), (20 * 1024**2, "20 MB", "20 МБ")],
)
def test_sizes(count: int, english: str, russian: str) -> None:
    assert plain(Labels.of("en", "UTC").size(count)) == english
    assert plain(Labels.of("ru", "UTC").size(count)) == russian


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 m"), (60, "1 m"), (3600, "1 h"), (5400, "1 h 30 m"), (360_000, "100 h"), (-5, "0 m")],
)
def test_durations(seconds: int, expected: str) -> None:
    assert plain(Labels.of("en", "UTC").duration(seconds)) == expected


def test_both_languages_have_the_same_words() -> None:
    assert Labels.of("en", "UTC").words.keys() == Labels.of("ru", "UTC").words.keys()


def test_days() -> None:
    assert plain(Labels.of("ru", "UTC").day(date(2026, 5, 9))) == "9 мая 2026"
