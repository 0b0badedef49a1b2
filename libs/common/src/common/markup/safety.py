"""What foreign text may become: checked addresses, colours and characters, each as a small pure function."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINK = re.compile(r"(?:https?://[^\s\"'<>\\`]+|mailto:[^\s\"'<>\\`]+)", re.IGNORECASE)
_IMAGE = re.compile(
    r"(?:https?://[^\s\"'<>\\`]+|asset:[\w.\-]+|/(?!/)[^\s\"'<>\\`]*|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)"
)
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")

NAMED_COLORS: Mapping[str, str] = MappingProxyType(
    {
        "aqua": "#00ffff",
        "black": "#000000",
        "blue": "#0000ff",
        "brown": "#a52a2a",
        "cyan": "#00ffff",
        "darkblue": "#00008b",
        "darkgreen": "#006400",
        "darkred": "#8b0000",
        "fuchsia": "#ff00ff",
        "gold": "#ffd700",
        "gray": "#808080",
        "green": "#008000",
        "grey": "#808080",
        "lightblue": "#add8e6",
        "lightgreen": "#90ee90",
        "lightgrey": "#d3d3d3",
        "lime": "#00ff00",
        "magenta": "#ff00ff",
        "maroon": "#800000",
        "navy": "#000080",
        "olive": "#808000",
        "orange": "#ffa500",
        "pink": "#ffc0cb",
        "purple": "#800080",
        "red": "#ff0000",
        "silver": "#c0c0c0",
        "teal": "#008080",
        "violet": "#ee82ee",
        "white": "#ffffff",
        "yellow": "#ffff00",
    }
)


def clean_text(text: str) -> str:
    """Line ends become a line feed; characters that XML forbids go, half surrogates are replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATES.sub("\ufffd", _FORBIDDEN.sub("", text))


def safe_link(address: object) -> str | None:
    if not isinstance(address, str):
        return None
    address = clean_text(address).strip()
    return address if len(address) <= 8192 and _LINK.fullmatch(address) else None


def safe_image_address(address: str | None) -> str | None:
    return address if address and _IMAGE.fullmatch(address) else None


def safe_color(color: object) -> str | None:
    """A colour as hash and hex digits; names are looked up, all else (url(), var()…) is no colour."""
    if not isinstance(color, str):
        return None
    color = color.strip().lower()
    if _HEX.fullmatch(color):
        return color
    return NAMED_COLORS.get(color)
