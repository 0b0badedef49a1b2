"""What the mirror had and what Jira has now come in; which fields changed, from what to what, comes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.issues.key_fields import keys_in_fields
from jira_sync.domain.snapshot import Row
from jira_sync.domain.texts import short

_PLAIN = ("summary", "due_date", "resolution", "resolved_at")
_LISTS = ("labels", "components", "fix_versions", "affects_versions")
_NAMED = ("type", "status", "priority", "assignee", "reporter", "sprint")
#: Only that they changed is said, never their text.
_UNQUOTED = ("description", "environment", "time_tracking", "votes", "watches")


@dataclass(frozen=True)
class Change:
    """A field that changed; `quoted` says whether its values may stand in an event."""

    field: str
    before: Any = None
    after: Any = None
    quoted: bool = True


def field_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Changes between two issues, each given as its card and detail in one mapping."""
    return list(_changes(old, new))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in _PLAIN:
        if old.get(field) != new.get(field):
            yield Change(field, _brief(old.get(field)), _brief(new.get(field)))
    for field in _NAMED:
        if _identity(old.get(field)) != _identity(new.get(field)):
            yield Change(field, _name(old.get(field)), _name(new.get(field)))
    for field in _LISTS:
        if sorted(old.get(field) or ()) != sorted(new.get(field) or ()):
            yield Change(field, list(old.get(field) or ()), list(new.get(field) or ()))
    # Another project or issue may be hidden from who sees this one, so these are never quoted.
    if _identity(old.get("project")) != _identity(new.get("project")):
        yield Change("project", quoted=False)
    if _key(old.get("parent")) != _key(new.get("parent")):
        yield Change("parent", quoted=False)
    for field in _UNQUOTED:
        if old.get(field) != new.get(field):
            yield Change(field, quoted=False)
    if old.get("security_level") != new.get("security_level"):
        yield Change("security_level", quoted=False)
    yield from _custom_changes(_by_id(old), _by_id(new))


def _custom_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        before, after = old.get(name, {}), new.get(name, {})
        if before.get("value") != after.get("value"):
            quoted = not keys_in_fields((before, after))
            yield Change(name, _brief(before.get("display")), _brief(after.get("display")), quoted=quoted)


def _by_id(issue: Mapping[str, Any]) -> dict[str, Any]:
    return {field["id"]: field for field in issue.get("custom_fields") or ()}


def _identity(value: Any) -> Any:
    return (value.get("id") or value.get("key") or value.get("name"), value.get("state")) if value else None


def _name(value: Any) -> str | None:
    return short(str(value.get("name") or value.get("key"))) if value else None


def _key(value: Any) -> str | None:
    return str(value["key"]) if value else None


def _brief(value: Any) -> Any:
    return short(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class CollectionDiff:
    """Which entries of a collection are new, changed or gone."""

    added: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    gone: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def collection_diff(old: Mapping[Any, Row], new: Mapping[Any, Row]) -> CollectionDiff:
    """Entries by key: rows are compared by the columns that the new ones have."""
    return CollectionDiff(
        added=tuple(row for key, row in new.items() if key not in old),
        changed=tuple(row for key, row in new.items() if key in old and _differs(old[key], row)),
        gone=tuple(row for key, row in old.items() if key not in new),
    )


def _differs(old: Row, new: Row) -> bool:
    return any(old[column] != value for column, value in new.items())
