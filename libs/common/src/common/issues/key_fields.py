"""Custom fields whose values are keys of issues (an epic, a picked issue): which, and what is left without some."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

_KEYS_ONLY = re.compile(r"\s*[A-Z][A-Z0-9_]*-[1-9][0-9]*(?:\s*,\s*[A-Z][A-Z0-9_]*-[1-9][0-9]*)*\s*")
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]*")


def keys_in_fields(fields: Iterable[Mapping[str, Any]]) -> set[str]:
    """All that looks like a key in fields which hold nothing else; `UTF-8` looks like one too."""
    return {key for field in fields for key in _keys(field)}


def without_hidden(fields: Iterable[Mapping[str, Any]], hidden: Collection[str]) -> list[Mapping[str, Any]]:
    """The fields that name none of these issues."""
    return [field for field in fields if not _keys(field) & set(hidden)]


def _keys(field: Mapping[str, Any]) -> set[str]:
    shown = str(field.get("display") or "")
    return set(_KEY.findall(shown)) if _KEYS_ONLY.fullmatch(shown) else set()
