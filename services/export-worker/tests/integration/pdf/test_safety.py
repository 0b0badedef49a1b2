"""A document reaches nothing but its own prepared pictures: no network, no files, no other PDF's attachments."""

import pytest
from pdf_reading import page_texts
from sample_issue import issue_with, picture
from weasyprint import CSS, HTML

from common.markup import parse
from export_worker.outbound.pdf import renderer
from export_worker.outbound.pdf.asset_fetcher import AddressRefusedError, AssetFetcher

FORBIDDEN = [
    "file:///etc/passwd",
    "http://127.0.0.1:9/a.png",
    "https://example.com/a.png",
    "ftp://example.com/a",
    "data:text/plain,x",
    "asset:other",
    "/etc/passwd",
    "",
]


@pytest.fixture(autouse=True)
def no_sockets(socket_disabled: None) -> None:
    """A renderer that reached for the network would fail loudly here."""


@pytest.mark.parametrize("address", FORBIDDEN)
def test_the_fetcher_serves_nothing_but_its_assets(address: str) -> None:
    fetcher = AssetFetcher({"asset:0": b"x"})
    with pytest.raises(AddressRefusedError):
        fetcher.fetch(address)
    assert fetcher.refused == [address]
    assert fetcher.fetch("asset:0").read() == b"x"


HOSTILE = """<link rel=stylesheet href="file:///etc/passwd"><link rel=attachment href="file:///etc/hostname">
<style>@import "http://127.0.0.1:9/x.css"; @import url(file:///etc/group); p { background: url(file:///etc/hosts) }
@font-face { font-family: x; src: url(http://127.0.0.1:9/f.ttf) } p { font-family: x }</style>
<p style="list-style-image: url(https://example.com/i.png)">text</p><img src="file:///etc/shadow">
<object data="file:///etc/fstab"></object><embed src="http://127.0.0.1:9/e">
<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/issue"/><use href="http://127.0.0.1:9/u#a"/></svg>"""


def test_even_hostile_html_reads_no_file_and_no_network() -> None:
    fetcher = AssetFetcher({})
    pdf = HTML(string=HOSTILE, url_fetcher=fetcher, base_url="asset:").write_pdf(
        stylesheets=[CSS(string="@import 'http://127.0.0.1:9/second.css';", url_fetcher=fetcher)]
    )
    assert "text" in page_texts(pdf)[0]
    assert b"root:" not in pdf
    assert b"/EmbeddedFile" not in pdf
    for address in ("file:///etc/passwd", "file:///etc/hosts", "file:///etc/shadow", "http://127.0.0.1:9/second.css"):
        assert address in fetcher.refused


WIKI = [
    "!file:///etc/passwd!",
    "!http://127.0.0.1:9/a.png!",
    "!drawing.svg!",
    "{color:url(http://127.0.0.1:9/c)}x{color}",
    "{panel:bgColor=url(file:///etc/passwd)}x{panel}",
    '<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">',
    "[x|file:///etc/passwd]",
]


@pytest.mark.parametrize("wiki", WIKI)
def test_no_text_of_an_issue_asks_for_an_address(wiki: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetchers: list[AssetFetcher] = []

    class Spy(AssetFetcher):
        def __init__(self, assets: dict[str, bytes]) -> None:
            super().__init__(assets)
            fetchers.append(self)

    monkeypatch.setattr(renderer, "AssetFetcher", Spy)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    pdf = renderer.render_issue_pdf(issue_with(f"before\n\n{wiki}\n\nafter"), {"drawing.svg": svg})
    assert [fetcher.refused for fetcher in fetchers] == [[]]
    assert "after" in page_texts(pdf)[0]
    assert b"/EmbeddedFile" not in pdf


def test_a_picture_by_address_in_adf_is_a_box_with_a_link() -> None:
    media = {"type": "media", "attrs": {"type": "external", "url": "http://127.0.0.1:9/a.png"}}
    doc = parse("adf", {"type": "doc", "content": [{"type": "mediaSingle", "content": [media]}]})
    issue = issue_with("", description=doc)
    pdf = renderer.render_issue_pdf(issue, {"http://127.0.0.1:9/other.png": picture()})
    assert "http://127.0.0.1:9/a.png" in page_texts(pdf)[0]


def test_template_signs_in_texts_are_only_text() -> None:
    issue = issue_with("a {{ 7 * 7 }} {% raw %} b", summary="{{ config }} <b>{% x %}</b>")
    text = page_texts(renderer.render_issue_pdf(issue, {}))[0]
    assert "{{ config }} <b>{% x %}</b>" in text
    assert "49" not in text
