"""Foreign image bytes come in, freshly encoded PNG or JPEG of a sane size goes out, or nothing."""

import warnings
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageOps

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_MAX_BYTES = 50 * 1024 * 1024
_MAX_PIXELS = 50_000_000
_MAX_SIDE = 2000
_JPEG_QUALITY = 85


def printable_picture(raw: bytes) -> bytes | None:
    """Re-encoding leaves behind whatever else a file carries; SVG, PDF, EPS and bombs are refused."""
    if len(raw) > _MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _encoded(raw)
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, MemoryError, OverflowError):
        # Pillow reports a broken file by nearly any of these, depending on the format.
        return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _encoded(raw: bytes) -> bytes | None:
    with Image.open(BytesIO(raw), formats=_FORMATS) as source:
        if source.width * source.height > _MAX_PIXELS:
            return None
        is_photo = source.format == "JPEG"
        if is_photo:
            # Lets the decoder skip detail that the page cannot show.
            source.draft("RGB", (_MAX_SIDE, _MAX_SIDE))
        picture: Image.Image = ImageOps.exif_transpose(source)
        transparent = picture.has_transparency_data
        picture = picture.convert("RGBA" if transparent else "RGB")
        picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
        target = BytesIO()
        if is_photo:
            picture.save(target, "JPEG", quality=_JPEG_QUALITY)
        else:
            picture.save(target, "PNG")
        return target.getvalue()


class Pictures:
    """The pictures of one document, encoded when a text first asks for them and served under inner addresses."""

    def __init__(self, assets: Mapping[str, bytes], prefix: str = "") -> None:
        self._assets, self._prefix = assets, prefix
        self._addresses: dict[str, str | None] = {}
        self.encoded: dict[str, bytes] = {}

    def address(self, name: str) -> str | None:
        if name not in self._addresses:
            self._addresses[name] = self._encode(name)
        return self._addresses[name]

    def _encode(self, name: str) -> str | None:
        raw = self._assets.get(name)
        picture = printable_picture(raw) if raw else None
        if picture is None:
            return None
        address = f"asset:{self._prefix}{len(self.encoded)}"
        self.encoded[address] = picture
        return address
