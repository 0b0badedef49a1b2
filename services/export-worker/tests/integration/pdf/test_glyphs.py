"""The page picture: text extraction succeeds even when glyphs are missing, so the drawn shapes are looked at."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer
from PIL import Image, ImageChops
from sample_issue import issue_with

from export_worker.outbound.pdf.renderer import render_issue_pdf

DPI = 150
MISSING = "\u0378"
SCRIPTS = {
    "latin": "Aßœ",
    "cyrillic": "ЖёЪ",
    "greek": "Ωλ",
    "chinese": "导出龍",
    "japanese": "ひカ表",
    "korean": "한글표",
    "emoji": "😀🚀🎉",
    "new emoji": "🧪🥳🫠",
    "signs": "✅❌→≤☑",
    "hebrew": "שם",
    "arabic": "ضغ",
    "thai": "ไท",
    "devanagari": "अकह",
}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image.Image]:
    """Each character's picture, cut out of the page where the PDF says that it stands."""
    folder: Path = tmp_path_factory.mktemp("glyphs")
    characters = [*"".join(SCRIPTS.values()), MISSING]
    wiki = "\n\n".join(f"h1. W {character}" for character in characters)
    (folder / "glyphs.pdf").write_bytes(render_issue_pdf(issue_with(wiki), {}))
    subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-png", str(folder / "glyphs.pdf"), str(folder / "page")],
        check=True,
    )
    pages = [Image.open(path).convert("L") for path in sorted(folder.glob("page-*.png"))]
    cut = list(_glyphs_after_marker(folder / "glyphs.pdf", pages))
    assert len(cut) == len(characters)
    return dict(zip(characters, cut, strict=True))


def _glyphs_after_marker(path: Path, pages: list[Image.Image]) -> list[Image.Image]:
    found: list[Image.Image] = []
    for layout, page in zip(extract_pages(BytesIO(path.read_bytes())), pages, strict=True):
        letters = sorted(_characters(layout), key=lambda letter: (-round(letter.y0), letter.x0))
        for marker in [letter for letter in letters if letter.get_text() == "W" and letter.size > 11.0]:
            scale = DPI / 72
            box = (marker.x1 + 1, layout.height - marker.y1 - 3, marker.x1 + 24, layout.height - marker.y0 + 3)
            found.append(page.crop(tuple(round(value * scale) for value in box)))  # type: ignore[arg-type]
    return found


def _characters(layout: LTContainer) -> list[LTChar]:
    found: list[LTChar] = []
    for item in layout:
        if isinstance(item, LTChar):
            found.append(item)
        elif isinstance(item, LTContainer):
            found.extend(_characters(item))
    return found


def ink(picture: Image.Image) -> int:
    return sum(picture.point(lambda value: 1 if value < 160 else 0).histogram()[1:2])


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_drawn_and_not_as_a_box(script: str, shapes: dict[str, Image.Image]) -> None:
    drawn = [shapes[character] for character in SCRIPTS[script]]
    for picture in drawn:
        assert ink(picture) > 15
        assert _differs(picture, shapes[MISSING])
    # Two letters that look the same would be the box of a font that lacks them.
    assert all(_differs(one, other) for index, one in enumerate(drawn) for other in drawn[:index])


def _differs(one: Image.Image, other: Image.Image) -> bool:
    size = (min(one.width, other.width), min(one.height, other.height))
    difference = ImageChops.difference(one.crop((0, 0, *size)), other.crop((0, 0, *size)))
    return ink(ImageChops.invert(difference)) > 12
