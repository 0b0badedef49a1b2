import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.domain.etags import etag_of, is_unchanged
from api_gateway.domain.file_answers import disposition, file_headers, safe_media_type

ROW = {"connection_id": "c", "jira_id": 1, "size": 4, "name": "a.png", "media_type": "image/png"}


@given(st.text(max_size=300))
def test_no_file_name_breaks_out_of_its_header(name: str) -> None:
    value = disposition("attachment", name)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert "/" not in value
    assert "\\" not in value


def test_names_keep_their_letters_for_those_who_can_read_them() -> None:
    assert "filename*=UTF-8''%D0%9F%D0%BB%D0%B0%D0%BD.pdf" in disposition("inline", "План.pdf")
    assert 'filename="____.pdf"' in disposition("inline", "План.pdf")


@pytest.mark.parametrize("claimed", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "x", ""])
def test_what_a_browser_could_run_is_only_bytes(claimed: str) -> None:
    headers = file_headers(ROW | {"media_type": claimed}, "content")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in headers["content-security-policy"]


def test_pictures_and_pdfs_are_shown() -> None:
    assert safe_media_type("IMAGE/PNG; x=1") == "image/png"
    assert file_headers(ROW, "content")["content-disposition"].startswith("inline;")


def test_tags_compare_weakly_and_by_list() -> None:
    tag = etag_of(b"x")
    assert is_unchanged(f'"a", {tag}', tag)
    assert is_unchanged(tag.removeprefix("W/"), tag)
    assert is_unchanged("*", tag)
    assert not is_unchanged(None, tag)
    assert not is_unchanged(etag_of(b"y"), tag)
