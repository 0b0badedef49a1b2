"""Issues with their pictures come in, the bytes of one PDF go out; nothing outside of the arguments is read."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from export_worker.domain.issue_document import Brand, IssueDocument, RenderOptions
from export_worker.outbound.pdf.labels import Labels
from export_worker.outbound.pdf.missing_glyphs import render_drawable
from export_worker.outbound.pdf.page_view import PageView
from export_worker.outbound.pdf.pictures import Pictures
from export_worker.outbound.pdf.typefaces import use_private_fonts

use_private_fonts()

from weasyprint import CSS, HTML  # noqa: E402  (fontconfig reads its settings when Pango is loaded)
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

from export_worker.outbound.pdf.asset_fetcher import AssetFetcher  # noqa: E402

_TEMPLATES = Path(__file__).with_name("templates")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PAGES = {"a4": "A4", "letter": "Letter"}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (_TEMPLATES / "document.css").read_text(encoding="utf-8")


def render_issue_pdf(issue: IssueDocument, assets: Mapping[str, bytes], options: RenderOptions | None = None) -> bytes:
    """`assets` holds the bytes of pictures by file name or media id; what is no picture is left out visibly."""
    return render_issues_pdf([(issue, assets)], options)


def render_issues_pdf(
    issues: Sequence[tuple[IssueDocument, Mapping[str, bytes]]], options: RenderOptions | None = None
) -> bytes:
    """Several issues in one file, each beginning on a page of its own; the same input gives the same bytes."""
    options = options or RenderOptions()
    html, pictures = _html(issues, options)
    fetcher = AssetFetcher(pictures)
    rules = _style() + _page_rules(options)

    def render(text: str) -> bytes:
        fonts = FontConfiguration()
        document = HTML(string=text, url_fetcher=fetcher, base_url="asset:")
        pdf: bytes = document.write_pdf(
            stylesheets=[CSS(string=rules, url_fetcher=fetcher, font_config=fonts)],
            font_config=fonts,
            presentational_hints=True,
            pdf_identifier=hashlib.sha256(text.encode()).digest()[:16],
        )
        return pdf

    return render_drawable(render, html)


def _page_rules(options: RenderOptions) -> str:
    """The few rules that depend on options; every inserted value is from a closed set."""
    words = Labels.of(options.language, options.timezone).words
    page = _PAGES.get(options.page.lower(), "A4")
    number = f'"{words["page"]}\u00a0" counter(page) " {words["of"]} " counter(pages)'
    return f"@page {{ size: {page}; @bottom-right {{ content: {number}; }} }}" + _brand_rules(options.brand)


def _brand_rules(brand: Brand) -> str:
    """A colour is checked once more, because it becomes part of the style."""
    if brand.colour is None or not _COLOUR.fullmatch(brand.colour):
        return ""
    return f" a, h1 .key, h1 .key a, .overline .brand {{ color: {brand.colour}; }}"


def _html(
    issues: Sequence[tuple[IssueDocument, Mapping[str, bytes]]], options: RenderOptions
) -> tuple[str, dict[str, bytes]]:
    encoded: dict[str, bytes] = {}
    views = []
    for number, (issue, assets) in enumerate(issues):
        pictures = Pictures(assets, f"{number}-")
        views.append(PageView(issue, pictures, options).shape())
        encoded.update(pictures.encoded)
    newest = max(issue.as_of for issue, _ in issues).astimezone(UTC)
    labels = Labels.of(options.language, options.timezone)
    context: dict[str, Any] = {
        "issues": views,
        "words": labels.words,
        "language": labels.language,
        "page": options.page.lower(),
        "title": views[0]["bookmark"] if len(views) == 1 else f"{views[0]['key']} – {views[-1]['key']}",
        "keywords": ", ".join(view["key"] for view in views),
        "created": f"{newest:%Y-%m-%dT%H:%M:%SZ}",
    }
    return _environment().get_template("document.html").render(context), encoded
