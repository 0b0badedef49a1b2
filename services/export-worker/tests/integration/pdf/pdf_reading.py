"""Ways to look into a PDF: the texts of its pages and its bookmarks."""

from io import BytesIO

import pikepdf
from pdfminer.high_level import extract_text

from export_worker.domain.issue_document import PrintedNames, RenderOptions

OPTIONS = RenderOptions(
    names=PrintedNames({"anna": "Анна Петрова", "u-2": "Bob Stone"}, "https://jira.example.com/browse/")
)


def page_texts(pdf: bytes) -> list[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        count = len(document.pages)
    return [extract_text(BytesIO(pdf), page_numbers=[number]).replace("\xa0", " ") for number in range(count)]


def outline(pdf: bytes) -> list[tuple[int, str, int]]:
    """(depth, title, page number from 1) of every bookmark in order."""
    found: list[tuple[int, str, int]] = []
    with pikepdf.open(BytesIO(pdf)) as document, document.open_outline() as tree:
        pages = {page.objgen: number for number, page in enumerate(document.pages, 1)}

        def visit(items: list[pikepdf.OutlineItem], depth: int) -> None:
            for item in items:
                found.append((depth, item.title, pages[item.destination[0].objgen]))
                visit(item.children, depth + 1)

        visit(list(tree.root), 0)
    return found
