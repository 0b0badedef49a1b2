"""The sample issue rendered once for all tests of this folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pdf_reading import OPTIONS, page_texts
from sample_issue import ASSETS, ISSUE

from export_worker.outbound.pdf.renderer import render_issue_pdf


@pytest.fixture(scope="session")
def sample_pdf() -> bytes:
    return render_issue_pdf(ISSUE, ASSETS, OPTIONS)


@pytest.fixture(scope="session")
def sample_pages(sample_pdf: bytes) -> list[str]:
    return page_texts(sample_pdf)
