"""Joining PDFs: pages, bookmarks and checks."""

import pikepdf
import pytest

from export_worker.outbound.joining import BadDocument, count_pages, join_documents


def document(path, title, pages):
    with pikepdf.Pdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(title, 0))
        pdf.save(path)
    return path


def test_bookmarks_lead_to_the_first_pages_in_the_joined_file(tmp_path):
    parts = [document(tmp_path / f"{n}.pdf", f"ABC-{n}", pages) for n, pages in ((1, 2), (2, 1), (3, 3))]
    whole = tmp_path / "whole.pdf"
    assert join_documents(parts, whole, title="Отчёт", locale="ru") == 6
    assert count_pages(whole) == 6
    with pikepdf.Pdf.open(whole) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        with pdf.open_outline() as outline:
            starts = [(item.title, numbers[item.destination[0].objgen]) for item in outline.root]
        assert starts == [("ABC-1", 1), ("ABC-2", 3), ("ABC-3", 4)]
        assert str(pdf.docinfo["/Title"]) == "Отчёт"
        assert str(pdf.Root.Lang) == "ru"


def test_the_same_parts_give_the_same_bytes(tmp_path):
    parts = [document(tmp_path / f"{n}.pdf", f"ABC-{n}", 1) for n in (1, 2)]
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for target in (first, second):
        join_documents(parts, target, title="t", locale="en")
    assert first.read_bytes() == second.read_bytes()


def test_what_is_no_document_is_noticed(tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(BadDocument):
        count_pages(broken)
