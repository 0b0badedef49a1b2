"""What makes two renderings the same document, and what the file is called."""

import hashlib
import re

#: Raised when the look of the documents changes, so that nothing rendered before is handed out again.
RENDERER = "1"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def rendering_key(content_digest: str, *, locale: str, paper: str, access: str, brand: str = "") -> str:
    """The same for the same content, options, access and brand: such a document is rendered once."""
    parts = ("pdf", RENDERER, content_digest, locale, paper, access, *([brand] if brand else []))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def file_name(keys: tuple[str, ...], day: str) -> str:
    """`ABC-1.pdf` for one issue, `export-2026-11-23.pdf` for a set."""
    stem = keys[0] if len(keys) == 1 else f"export-{day}"
    return f"{_UNSAFE.sub('_', stem)[:100]}.pdf"
