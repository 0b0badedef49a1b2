"""What makes two renderings the same document, and what files are called."""

import pytest

from export_worker.domain.identity import file_name, rendering_key
from export_worker.outbound.object_storage import disposition

SAME = {"locale": "en", "paper": "a4", "access": "f1"}


@pytest.mark.parametrize("change", [{"locale": "ru"}, {"paper": "letter"}, {"access": "f2"}])
def test_other_options_or_rights_make_another_document(change):
    assert rendering_key("d", **SAME) != rendering_key("d", **{**SAME, **change})


def test_equal_content_makes_an_equal_key():
    assert rendering_key("d", **SAME) == rendering_key("d", **SAME)
    assert rendering_key("d", **SAME) != rendering_key("e", **SAME)


def test_one_issue_gives_its_key_and_a_set_the_day():
    assert file_name(("ABC-1",), "2026-11-23") == "ABC-1.pdf"
    assert file_name(("ABC-1", "ABC-2"), "2026-11-23") == "export-2026-11-23.pdf"
    assert file_name(('A/../"\r\nB-1',), "2026-11-23") == "A_.._B-1.pdf"


def test_a_disposition_cannot_be_broken_out_of():
    header = disposition('a"\\; filename=evil.exe')
    assert header.startswith("attachment; filename=\"a__; filename=evil.exe\"; filename*=UTF-8''a%22%5C%3B")
    assert disposition("Отчёт.pdf").isascii()
