"""Folding: the form in which names are compared, kept beside them in the `*_fold` columns."""

import unicodedata


def fold(text: str) -> str:
    """A name without case, outer spaces and Unicode look-alikes: `" In Progress "` → `"in progress"`."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
