"""Changes of an issue's history: which other issues they name, and what is left when some may not be seen."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

_KEY = re.compile(r"\b[A-Z][A-Z0-9_]*-[1-9][0-9]*\b")

#: Fields whose old and new values are other issues.
_NAMING_ISSUES = frozenset(
    {"link", "parent", "parent issue", "issueparentassociation", "epic link", "epic child", "issue split"}
)
#: Jira writes the text of a deleted comment into the history without saying who could see it.
_NEVER_SHOWN = frozenset({"comment"})

#: Finds, in the JSON of an entry, every field that `shown_changes` may leave out.
FIELDS_TO_LOOK_AT = '"field" *: *"(' + "|".join(sorted(_NAMING_ISSUES | _NEVER_SHOWN)) + ')"'

_TEXTS = ("from", "from_text", "to", "to_text")


def named_keys(entries: Iterable[Sequence[Mapping[str, Any]]]) -> set[str]:
    """Keys of other issues that the changes of these entries name."""
    return {key for changes in entries for change in changes for key in _keys(change)}


def shown_changes(changes: Sequence[Mapping[str, Any]], visible: Collection[str]) -> list[Mapping[str, Any]]:
    """The changes that name no issue outside of `visible` and nothing that could be restricted."""
    return [
        change
        for change in changes
        if str(change.get("field", "")).casefold() not in _NEVER_SHOWN and _keys(change) <= set(visible)
    ]


def _keys(change: Mapping[str, Any]) -> set[str]:
    if str(change.get("field", "")).casefold() not in _NAMING_ISSUES:
        return set()
    return {key for name in _TEXTS for key in _KEY.findall(str(change.get(name) or ""))}
