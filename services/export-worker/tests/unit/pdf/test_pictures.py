"""Which bytes become a printable picture, and what is left behind."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from export_worker.outbound.pdf.pictures import Pictures, printable_picture


def picture(width: int = 200, height: int = 100, kind: str = "PNG") -> bytes:
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def opened(raw: bytes | None) -> Image.Image:
    assert raw is not None
    return Image.open(BytesIO(raw))


@pytest.mark.parametrize(
    ("kind", "result"), [("PNG", "PNG"), ("JPEG", "JPEG"), ("GIF", "PNG"), ("WEBP", "PNG"), ("BMP", "PNG")]
)
def test_known_formats_are_encoded_anew(kind: str, result: str) -> None:
    assert opened(printable_picture(picture(80, 40, kind))).format == result


def test_a_large_picture_is_brought_down() -> None:
    assert opened(printable_picture(picture(4200, 1000))).size[0] == 2000
    assert max(opened(printable_picture(picture(1000, 4200, "JPEG"))).size) <= 2000


def png(width: int, height: int) -> bytes:
    """A file that claims a size and holds next to nothing."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(bytes(7 * 19))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def test_a_bomb_is_refused_by_what_it_says_of_itself() -> None:
    assert opened(printable_picture(png(6, 7))).size == (6, 7)
    assert printable_picture(png(60_000, 60_000)) is None
    assert printable_picture(png(10_000, 8_000)) is None


def test_what_hides_in_a_file_is_left_behind() -> None:
    target = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (8, 8)).save(target, "JPEG", exif=exif)
    raw = target.getvalue() + b"<script>trailing</script>"
    assert b"secret place" in raw
    clean = printable_picture(raw) or b""
    assert clean
    assert b"secret place" not in clean
    assert b"trailing" not in clean


def test_a_turned_photograph_stands_upright() -> None:
    target = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(target, "JPEG", exif=exif)
    assert opened(printable_picture(target.getvalue())).size == (40, 80)


def test_transparency_stays() -> None:
    target = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(target, "PNG")
    assert opened(printable_picture(target.getvalue())).mode == "RGBA"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"%PDF-1.7",
        picture()[:20],
        picture(kind="JPEG")[:200],
    ],
)
def test_what_is_no_sound_picture_is_refused(raw: bytes) -> None:
    assert printable_picture(raw) is None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"]), st.integers(0, 400), st.binary(min_size=1, max_size=20))
def test_no_broken_file_raises(kind: str, position: int, noise: bytes) -> None:
    raw = picture(40, 30, kind)
    result = printable_picture(raw[:position] + noise + raw[position + len(noise) :])
    assert result is None or opened(result).size[0] > 0


def test_only_pictures_that_are_asked_for_are_encoded() -> None:
    pictures = Pictures({"a.png": picture(8, 8), "b.png": picture(8, 8), "c.svg": b"<svg/>"}, "0-")
    assert pictures.address("a.png") == pictures.address("a.png") == "asset:0-0"
    assert pictures.address("c.svg") is None
    assert pictures.address("none.png") is None
    assert list(pictures.encoded) == ["asset:0-0"]
