"""The rule about the checked list of ASVS finds what is missing, wrong or unexplained."""

from pathlib import Path

import pytest

from lints.rules import security_review
from lints.rules.security_review import check_page

LINE = "| V8.2.{number} | 1 | object level | {answer} | {why} |"


def found(root: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    monkeypatch.setattr(security_review, "WANTED", {8: len(lines)})
    page = root / security_review.PAGE
    page.parent.mkdir(parents=True)
    page.write_text("# Title\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (root / "libs").mkdir()
    (root / "libs/rule.py").touch()
    return [finding.message for finding in check_page(root)]


def test_a_line_that_points_to_a_file_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, LINE.format(number=1, answer="yes", why="`libs/rule.py`, and more")) == []


def test_a_place_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(tmp_path, monkeypatch, LINE.format(number=1, answer="yes", why="`libs/gone.py`"))
    assert told == ["V8.2.1 points to libs/gone.py, which is not there"]


def test_a_no_needs_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(tmp_path, monkeypatch, LINE.format(number=1, answer="no", why="not yet"))
    assert told == ["V8.2.1 says no without a reason"]


def test_a_line_with_another_answer_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(tmp_path, monkeypatch, LINE.format(number=1, answer="perhaps", why="`libs/rule.py`"))
    assert told == ["chapter 8 answers 0 of 1 lines"]
