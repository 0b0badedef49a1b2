"""Runs a rendering and tells which characters no font could draw."""

import logging
import unicodedata
from collections.abc import Callable

_LOGGER = logging.getLogger("weasyprint")
_REPLACEMENT = "\ufffd"


class _Collector(logging.Filter):
    """WeasyPrint names each such character in a warning: (the character, its code point)."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: set[int] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg.startswith(".notdef glyph") and isinstance(record.args, tuple) and len(record.args) == 2:
            self.codes.add(int(str(record.args[1])))
            return False
        return True


def render_drawable(render: Callable[[str], bytes], html: str) -> bytes:
    """Renders a second time when glyphs are missing: their codes break the text layer of the whole font."""
    collector = _Collector()
    _LOGGER.addFilter(collector)
    try:
        pdf = render(html)
        if not collector.codes:
            return pdf
        return render(html.translate({code: _stand_in(code) for code in collector.codes}))
    finally:
        _LOGGER.removeFilter(collector)


def _stand_in(code: int) -> str:
    invisible = unicodedata.category(chr(code)) in {"Cf", "Mn", "Me", "Zl", "Zp", "Zs"}
    return "" if invisible else _REPLACEMENT
