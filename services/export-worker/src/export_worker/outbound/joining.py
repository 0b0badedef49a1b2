"""Joins PDFs into one: documents come in, one document with all their pages, bookmarks and links goes out."""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name, Pdf, String


class BadDocument(Exception):
    """What was made cannot be opened, or has not the pages that it should have."""


def count_pages(document: Path) -> int:
    """Opens a PDF and counts its pages."""
    try:
        with Pdf.open(document) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PdfError as error:
        raise BadDocument(str(error)) from error
    if not pages:
        raise BadDocument("a document without pages")
    return pages


def join_documents(parts: Sequence[Path], target: Path, *, title: str, locale: str) -> int:
    """Writes all parts one after another into `target`; bookmarks and links lead where they led. Gives its pages."""
    with Pdf.new() as joined:
        for part in parts:
            with Pdf.open(part) as source:
                joined.add_pages_from(source, forms="strip")
        with joined.open_outline() as outline:
            for item in outline.root:
                item.is_closed = True
        joined.docinfo["/Title"] = String(title)
        joined.docinfo["/Creator"] = String("Jira Export")
        joined.Root.Lang = String(locale)
        joined.Root.PageMode = Name.UseOutlines
        joined.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        joined.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return len(joined.pages)
