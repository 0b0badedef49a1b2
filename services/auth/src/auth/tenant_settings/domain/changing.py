"""How settings change: values, a merge patch and the operator's bounds in, new values and what changed out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from auth.tenant_settings.domain.errors import InvalidSettings
from common.contracts.http.tenant_settings import TenantSettings


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the operator lets a tenant choose from: the least and the most of each path that has any."""

    least: Mapping[str, int]
    most: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, by its dotted path."""

    path: str
    before: Any
    after: Any


def merged(now: TenantSettings, patch: Mapping[str, Any], bounds: Bounds) -> TenantSettings:
    """The whole is checked after the merge; what is refused comes with its place in the patch."""
    try:
        changed = TenantSettings.model_validate(_merge(now.model_dump(mode="json"), patch))
    except ValidationError as error:
        raise InvalidSettings(extra={"errors": [_refused(one["loc"], one["msg"]) for one in error.errors()]}) from None
    beyond = list(_beyond(now, changed, bounds))
    if beyond:
        raise InvalidSettings(extra={"errors": beyond})
    return changed


def changes(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[Change]:
    """Every value that differs, deep; a list is one value."""
    for name in sorted(before.keys() | after.keys()):
        old, new, place = before.get(name), after.get(name), f"{path}{name}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from changes(old, new, f"{place}.")
        elif old != new:
            yield Change(place, old, new)


def _merge(now: Any, patch: Any) -> Any:
    """RFC 7396, but that null stays a value: it says "none" where that is allowed and is refused elsewhere."""
    if not isinstance(now, Mapping) or not isinstance(patch, Mapping):
        return patch
    return {**now, **{name: _merge(now.get(name), value) for name, value in patch.items()}}


def _beyond(now: TenantSettings, changed: TenantSettings, bounds: Bounds) -> Iterator[dict[str, str]]:
    """Only what is changed: a value from before the operator's bounds were drawn narrower is left in peace."""
    for change in changes(now.model_dump(), changed.model_dump()):
        least, most = bounds.least.get(change.path), bounds.most.get(change.path)
        if change.after is None:
            continue
        if least is not None and change.after < least:
            yield _refused(change.path.split("."), f"This installation asks for at least {least}.")
        if most is not None and change.after > most:
            yield _refused(change.path.split("."), f"This installation allows at most {most}.")


def _refused(place: Any, why: str) -> dict[str, str]:
    pointer = "/settings" + "".join(f"/{part}" for part in place)
    return {"pointer": pointer, "code": "value_error", "detail": why.removeprefix("Value error, ")}
