"""Which fonts the pages use: a private fontconfig set, and a check of what the machine lacks."""

import ctypes
import os
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")


def use_private_fonts() -> None:
    """Must run before Pango is loaded; an operator's own FONTCONFIG_FILE wins."""
    os.environ.setdefault("FONTCONFIG_FILE", str(FONTS / "fonts.conf"))


def missing_parts() -> list[str]:
    """Sentences about what makes PDFs slow or incomplete on this machine; empty when all is well."""
    missing = []
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        missing.append(
            "libharfbuzz-subset is missing (package libharfbuzz-subset0): PDFs with CJK take ten times longer"
        )
    for name, package in (
        ("NotoSans-Regular.ttf", "fonts-noto-core"),
        ("NotoSansMono-Regular.ttf", "fonts-noto-mono"),
        ("NotoSansCJK-Regular.ttc", "fonts-noto-cjk"),
    ):
        if not any(Path("/usr/share/fonts").rglob(name)):
            missing.append(f"{name} is missing (package {package}): some scripts print as other fonts or as boxes")
    return missing
