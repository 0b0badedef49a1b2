"""What a printed issue holds: its texts, bookmarks, running lines, metadata."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from pdf_reading import OPTIONS, outline, page_texts
from sample_issue import ASSETS, ISSUE, history, issue_with

from common.markup import parse
from export_worker.domain.issue_document import PrintedComment, RenderOptions
from export_worker.outbound.pdf.renderer import render_issue_pdf, render_issues_pdf

EXPECTED = [
    "PROJ-42", "Export stops when a table is wider", "Экспорт широких таблиц", "Export Engine", "Bug", "IN PROGRESS",
    "High", "Анна Петрова", "田中 太郎", "25 Mar 2026, 09:30", "1 Jun 2026", "очень-важно", "Renderer", "2.4.0",
    "A better export", "Steps to reproduce", "2. Choose", "1. The progress bar", "Workaround", "Chromium",
    "Exporter.java", "public final class Exporter", "nobody has had the time", "导出的表格超出了页面宽度",
    "表が広すぎます", "표가 너무 넓습니다", "съешь же ещё", "Story points", "The column width was taken", "PROJ-51",
    "Release 2.4.0",
    "diagram.png", "47 KB", "3.7 MB", "@Bob Stone", "BLOCKED", "29 Apr 2026", "Write the fix", "Visible to Developers",
    "edited", "2 h 30 m", "Total", "In Review", "jira.example.com · State of 4 May 2026, 09:30 UTC",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPECTED)
def test_everything_of_the_issue_is_printed(sample_pages: list[str], text: str) -> None:
    assert text in re.sub(r"[ \n]+", " ", "".join(sample_pages))


def test_the_outline_begins_with_the_key_and_has_the_sections_below(sample_pdf: bytes) -> None:
    entries = outline(sample_pdf)
    assert entries[0][0] == 0
    assert entries[0][1].startswith("PROJ-42 Export stops")
    assert entries[0][2] == 1
    sections = [re.sub(r"\s*\d*$", "", title) for depth, title, _ in entries if depth == 1]
    assert sections == ["Description", "Details", "Links", "Attachments", "Comments", "Work log", "History"]
    assert next(title for depth, title, _ in entries if depth == 2).startswith("Анна Петрова, 1")


def test_headings_that_people_wrote_are_no_bookmarks(sample_pdf: bytes) -> None:
    assert "Expected" not in [title for _, title, _ in outline(sample_pdf)]


def test_every_page_says_its_number_and_only_later_ones_the_issue(sample_pages: list[str]) -> None:
    pages = sample_pages
    assert len(pages) >= 4
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in text
        assert ("PROJ-42 · Export stops" in text) == (number > 1)


def test_the_header_row_of_a_long_table_comes_back_on_every_page() -> None:
    pages = page_texts(render_issue_pdf(issue_with("x", history=history(150)), {}))
    assert len(pages) >= 4
    assert all("When" in text and "Change" in text for text in pages)


def test_metadata_names_title_author_and_language(sample_pdf: bytes) -> None:
    with pikepdf.open(BytesIO(sample_pdf)) as document:
        assert str(document.docinfo["/Title"]).startswith("PROJ-42 Export stops")
        assert document.docinfo["/Author"] == "Jira Export"
        assert document.docinfo["/CreationDate"] == "D:20260504093000Z"
        assert document.Root.Lang == "en"


def test_the_same_issue_gives_the_same_bytes(sample_pdf: bytes) -> None:
    assert render_issue_pdf(ISSUE, ASSETS, OPTIONS) == sample_pdf


def test_russian_labels_dates_and_time_zone() -> None:
    options = RenderOptions(language="ru", timezone="Europe/Moscow")
    pdf = render_issue_pdf(issue_with("x", history=history(2)), {}, options)
    text = page_texts(pdf)[0]
    for expected in ("Исполнитель", "Описание", "История", "Страница 1 из 1", "4 мая 2026, 12:30 MSK", "1 июн. 2026"):
        assert expected in text
    with pikepdf.open(BytesIO(pdf)) as document:
        assert document.Root.Lang == "ru"


def test_pictures_of_attachments_are_printed_and_missing_ones_are_named(sample_pdf: bytes) -> None:
    assert _pictures(sample_pdf) == 1
    bare = render_issue_pdf(ISSUE, {"diagram.png": b"no picture"}, OPTIONS)
    assert "diagram.png" in "".join(page_texts(bare)[:2])
    assert _pictures(bare) == 0


def _pictures(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as document:
        return sum(isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image" for item in document.objects)


def test_each_of_several_issues_begins_on_its_own_page() -> None:
    second = replace(issue_with("short"), key="PROJ-43", summary="Second")
    pdf = render_issues_pdf([(issue_with("x\n\n" * 80), {}), (second, {})], OPTIONS)
    top = [(title, page) for depth, title, page in outline(pdf) if depth == 0]
    pages = page_texts(pdf)
    assert [title.split()[0] for title, _ in top] == ["PROJ-42", "PROJ-43"]
    assert top[1][1] == len(pages)
    assert "PROJ-42 ·" not in pages[-1]
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_parts_can_be_left_out() -> None:
    options = RenderOptions(comments=False, history=False, worklogs=False, attachments=False, fields=False)
    text = "".join(page_texts(render_issue_pdf(ISSUE, {}, options)))
    for heading in ("Comments", "History", "Work log", "Attachments", "Details"):
        assert heading not in text


def test_letter_paper_is_letter_paper() -> None:
    with pikepdf.open(BytesIO(render_issue_pdf(issue_with("x"), {}, RenderOptions(page="Letter")))) as document:
        assert [round(float(value)) for value in document.pages[0].mediabox[2:]] == [612, 792]


def test_an_empty_issue_says_so() -> None:
    bare = issue_with("", assignee=None, labels=(), components=(), fix_versions=(), parent=None, due=None)
    text = page_texts(render_issue_pdf(bare, {}))[0]
    assert "No description." in text
    assert "Unassigned" in text


def test_nothing_runs_out_of_the_page() -> None:
    wide = "|" + "|".join("verylongwordwithoutanyspace" * 3 for _ in range(8)) + "|"
    issue = issue_with(
        f"{'x' * 900}\n\n{wide}\n\n{{code}}{'y' * 900}{{code}}\n\n{{{{{'z' * 400}}}}}", summary="w" * 300
    )
    pdf = render_issue_pdf(issue, {})
    right, left = 595 - 50, 50
    for box in _characters(pdf):
        assert left <= box[0]
        assert box[2] <= right


def _characters(pdf: bytes) -> list[tuple[float, float, float, float]]:
    from pdfminer.high_level import extract_pages  # noqa: PLC0415 (slow to load, used here only)
    from pdfminer.layout import LTChar, LTContainer  # noqa: PLC0415

    found: list[tuple[float, float, float, float]] = []
    stack: list[object] = list(extract_pages(BytesIO(pdf)))
    while stack:
        item = stack.pop()
        if isinstance(item, LTChar):
            found.append(item.bbox)
        elif isinstance(item, LTContainer):
            stack.extend(item)
    return found


def test_many_comments_of_strange_texts_are_printed() -> None:
    texts = ["{quote}", "[x|javascript:alert(1)]", "h1. " + "a " * 500, "|" * 300, "*" * 500, "\x00\ud800 ok", "#\n#\n"]
    comments = tuple(
        PrintedComment(f"A{index}", ISSUE.created + timedelta(hours=index), parse("wiki", text))
        for index, text in enumerate(texts)
    )
    text = "".join(page_texts(render_issue_pdf(issue_with("x", comments=comments), {})))
    assert all(f"A{index}" in text for index in range(len(texts)))


def test_a_character_without_a_font_does_not_spoil_the_others() -> None:
    text = page_texts(render_issue_pdf(issue_with("before \u0378 after \ue123", summary="Title \u0378"), {}))[0]
    assert "before \ufffd after \ufffd" in text
    assert "Title" in text
