"""The inside of brackets or exclamation marks or a bare address comes in, a link, person or picture goes out."""

import re

from common.markup.adf_values import integer
from common.markup.safety import safe_link
from common.markup.tree import AttachmentRef, Image, Inline, IssueRef, Marks, Mention, Text

_ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,15}-[1-9]\d{0,9}")
_FILE_NAME = re.compile(r"[^\n|]*\.[A-Za-z0-9]{2,5}")
_FULL_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_TRAILING = ".,;:!?)'\"*_~-+"


def link(body: str, marks: Marks) -> Inline | None:
    """None means that the brackets are plain text."""
    first, _, rest = body.partition("|")
    if not rest:
        return _short_link(first.strip(), marks)
    label, target = first.strip(), rest.split("|")[0].strip()
    if target.startswith("~"):
        return Mention(_user(target), label, marks)
    if target.startswith("^"):
        return AttachmentRef(target[1:], label, marks)
    if target.startswith("#"):
        return Text(label or target[1:], marks)
    # People paste addresses with generic types in them; brackets are legal only in their escaped form.
    target = target.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    href = safe_link(target)
    if href is None and target.lower().startswith("www."):
        href = safe_link("https://" + target)
    if href is None:
        return None
    return Text(label or href, _linked(marks, href))


def _short_link(target: str, marks: Marks) -> Inline | None:
    if len(target) > 1 and target[0] == "~":
        return Mention(_user(target), "", marks)
    if len(target) > 1 and target[0] == "^":
        return AttachmentRef(target[1:], "", marks)
    if _ISSUE_KEY.fullmatch(target):
        return IssueRef(target, marks)
    href = safe_link(target) if _FULL_ADDRESS.fullmatch(target) else None
    return Text(target.removeprefix("mailto:"), _linked(marks, href)) if href else None


def _user(target: str) -> str:
    return target[1:].strip().removeprefix("accountid:")


def _linked(marks: Marks, href: str) -> Marks:
    return Marks(color=marks.color, href=href)


def image(body: str) -> Inline | None:
    """`photo.png|width=300,alt=A photo`; None means that the exclamation marks are plain text."""
    name, _, options = body.partition("|")
    name = name.strip()
    if not (_FILE_NAME.fullmatch(name) or _FULL_ADDRESS.fullmatch(name)):
        return None
    chosen: dict[str, str] = {}
    for option in options.split(","):
        key, _, value = option.partition("=")
        chosen[key.strip().lower()] = value.strip().strip('"')
    return Image((name,), chosen.get("alt", name), _pixels(chosen.get("width")), _pixels(chosen.get("height")))


def _pixels(value: str | None) -> int | None:
    digits = re.match(r"\d{1,5}(?=(?:px)?$)", value or "")
    return integer(int(digits[0]), 0, 0, 20_000) or None if digits else None


def bare_address(found: str) -> str:
    """The part of a run of characters that is an address: what closes a sentence or a bracket stays outside."""
    address = found.rstrip(_TRAILING)
    if found[len(address) : len(address) + 1] == ")" and address.count("(") > address.count(")"):
        return address + ")"
    return address
