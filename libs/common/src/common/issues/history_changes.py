"""Changes of an issue's history: what else they name, and what is left when some of that may not be seen."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: A key inside of a text; Postgres has the same in `KEY_IN_TEXT`.
_KEY = re.compile(r"\b[A-Z][A-Z0-9_]*-[1-9][0-9]*\b")
KEY_IN_TEXT = r"\m[A-Z][A-Z0-9_]*-[1-9][0-9]*\M"

#: Fields whose old and new values are other issues.
_NAMING_ISSUES = frozenset(
    {"link", "parent", "parent issue", "issueparentassociation", "epic link", "epic child", "issue split"}
)
#: Jira writes the text of a deleted comment into the history without saying who could see it.
_NEVER_SHOWN = frozenset({"comment"})
_NAMING_LEVELS = frozenset({"security", "security level"})
_NAMING_PROJECTS = frozenset({"project"})
#: An issue that moved had a key of another project.
_NAMING_OWN_KEYS = frozenset({"key"})

_LOOKED_AT = _NAMING_ISSUES | _NEVER_SHOWN | _NAMING_LEVELS | _NAMING_PROJECTS | _NAMING_OWN_KEYS
#: Finds, in the JSON of an entry, every field that `shown_changes` may leave out.
FIELDS_TO_LOOK_AT = '"field" *: *"(' + "|".join(sorted(_LOOKED_AT)) + ')"'

_TEXTS = ("from", "from_text", "to", "to_text")


@dataclass(frozen=True, slots=True)
class Nameable:
    """What a history may name: keys of issues, keys and ids of projects, ids of security levels."""

    issues: Collection[str] = ()
    projects: Collection[str] = ()
    levels: Collection[str] = ()
    every_project: bool = False


def named_keys(entries: Iterable[Sequence[Mapping[str, Any]]]) -> set[str]:
    """Keys of other issues that the changes of these entries name."""
    return {key for changes in entries for change in changes for key in _keys(change)}


def named_projects(entries: Iterable[Sequence[Mapping[str, Any]]]) -> set[str]:
    """Ids of projects, and keys of them, that the changes of these entries name."""
    return {project for changes in entries for change in changes for project in _projects(change)}


def shown_changes(changes: Sequence[Mapping[str, Any]], may: Nameable) -> list[Mapping[str, Any]]:
    """The changes that name nothing outside of `may`, and nothing that could be restricted."""
    return [change for change in changes if _is_shown(change, may)]


def _is_shown(change: Mapping[str, Any], may: Nameable) -> bool:
    if _field(change) in _NEVER_SHOWN or not _keys(change) <= set(may.issues):
        return False
    if _field(change) in _NAMING_LEVELS and not _sides(change) <= set(may.levels):
        return False
    return may.every_project or _projects(change) <= set(may.projects)


def _field(change: Mapping[str, Any]) -> str:
    return str(change.get("field", "")).casefold()


def _keys(change: Mapping[str, Any]) -> set[str]:
    if _field(change) not in _NAMING_ISSUES:
        return set()
    return {key for name in _TEXTS for key in _KEY.findall(str(change.get(name) or ""))}


def _projects(change: Mapping[str, Any]) -> set[str]:
    if _field(change) in _NAMING_PROJECTS:
        return _sides(change)
    if _field(change) not in _NAMING_OWN_KEYS:
        return set()
    keys = {key for name in _TEXTS for key in _KEY.findall(str(change.get(name) or ""))}
    return {key.rpartition("-")[0] for key in keys}


def _sides(change: Mapping[str, Any]) -> set[str]:
    """The id on each side that has something; a text without an id stands for itself, which no id equals."""
    sides = (("from", "from_text"), ("to", "to_text"))
    return {str(change.get(name) or change[text]) for name, text in sides if change.get(name) or change.get(text)}
