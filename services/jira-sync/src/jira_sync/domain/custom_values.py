"""Values of custom fields come in; what people read, and the single values to filter by, come out."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from common.issues.folding import fold
from jira_sync.domain.snapshot import FieldInfo, Row
from jira_sync.domain.texts import plain

SPRINT = "gh-sprint"
#: Fields that change with every drag on a board and mean nothing to readers.
NOISE = frozenset({"gh-lexo-rank"})
_LONGEST = 255
_DC_SPRINT = re.compile(r"\[(.*)\]\s*$", re.DOTALL)
_NAMES = ("displayName", "value", "name", "key")


def display(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(filter(None, (display(item) for item in value)))
    if isinstance(value, dict):
        return _display_object(value)
    return str(value)


def _display_object(value: Mapping[str, Any]) -> str:
    if value.get("type") == "doc":
        return plain(value)
    name = next((str(value[key]) for key in _NAMES if isinstance(value.get(key), str | int | float)), "")
    child = value.get("child")
    return f"{name} - {display(child)}" if name and isinstance(child, dict) else name


def sprints(value: Any) -> list[dict[str, str]]:
    """Sprints of an issue as {id, name, state}; Data Center answers them as the text of a Java object."""
    found = []
    for item in value if isinstance(value, list) else []:
        entry = item if isinstance(item, dict) else _dc_sprint(item)
        if entry.get("name"):
            found.append(
                {
                    "id": str(entry.get("id", "")),
                    "name": str(entry["name"]),
                    "state": str(entry.get("state", "")).lower(),
                }
            )
    return found


def _dc_sprint(item: Any) -> dict[str, str]:
    found = _DC_SPRINT.search(item) if isinstance(item, str) else None
    if found is None:
        return {}
    parts = re.split(r",(?=\w+=)", found.group(1))
    return dict(part.split("=", 1) for part in parts if "=" in part)


def current_sprint(entries: list[dict[str, str]]) -> dict[str, str] | None:
    """The sprint shown with an issue: the running one, else the next, else the last."""
    for state in ("active", "future"):
        for entry in entries:
            if entry["state"] == state:
                return {"name": entry["name"], "state": state}
    return {"name": entries[-1]["name"], "state": entries[-1]["state"]} if entries else None


def filter_values(field_id: str, value: Any, info: FieldInfo | None) -> Iterator[Row]:
    """The rows of jira.issue_values that a custom field gives; long texts are left to full-text search."""
    if info is not None and info.plugin == SPRINT:
        for entry in sprints(value):
            yield value_row("sprint", entry["name"], entry["id"])
        return
    for item in value if isinstance(value, list) else [value]:
        text = display(item)
        if text and len(text) <= _LONGEST and not (isinstance(item, dict) and item.get("type") == "doc"):
            yield value_row(field_id, text, _id_of(item))


def _id_of(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    found = item.get("accountId") or item.get("key") or item.get("id")
    return None if found is None else str(found)


def value_row(field: str, value: str, value_id: str | None) -> Row:
    """One value of a field."""
    return {"field": field, "value": value, "value_fold": fold(value), "value_id": value_id}
