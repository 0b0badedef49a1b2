"""The JSON value of a custom field in, the value as the simulator keeps it out."""

from collections.abc import Callable
from datetime import date
from typing import Any

from jira_simulator.model.records import FieldDef
from jira_simulator.model.site import Site
from jira_simulator.model.times import parse_time
from jira_simulator.write.refs import reference_texts

Keeper = Callable[[Site, FieldDef, Any, bool], Any]


def custom_value(site: Site, field: FieldDef, value: Any, *, lenient: bool) -> Any:
    if value is None:
        return None
    keep: Keeper = _KEEPERS.get(field.kind, _text)
    return keep(site, field, value, lenient)


def _number(_: Site, __: FieldDef, value: Any, ___: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Operation value must be a number")  # noqa: TRY004
    return float(value)


def _text(_: Site, __: FieldDef, value: Any, ___: bool) -> str | None:
    if not isinstance(value, str):
        raise ValueError("Operation value must be a string")  # noqa: TRY004
    return value or None


def _option(_: Site, field: FieldDef, value: Any, lenient: bool) -> str:
    texts = reference_texts(value, lenient=lenient)
    for option in field.options:
        if option.id in texts or option.value in texts:
            return option.id
    raise ValueError(f"Option {texts[0]!r} is not valid")


def _options(site: Site, field: FieldDef, value: Any, lenient: bool) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        raise ValueError("data was not an array")  # noqa: TRY004
    return tuple(_option(site, field, entry, lenient) for entry in value) or None


def _date(_: Site, __: FieldDef, value: Any, ___: bool) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"Error parsing date string: {value}") from None


def _datetime(_: Site, __: FieldDef, value: Any, ___: bool) -> int:
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        raise ValueError(f"Error parsing time: {value}") from None


def _sprint(site: Site, _: FieldDef, value: Any, lenient: bool) -> tuple[int, ...] | None:
    given = value if isinstance(value, list) and lenient else [value]
    for entry in given:
        if isinstance(entry, bool) or not isinstance(entry, int) or entry not in site.catalogue.sprints:
            raise ValueError(f"Sprint {entry!r} does not exist; number value expected as the Sprint id.")
    return tuple(given) or None


_KEEPERS: dict[str, Keeper] = {
    "number": _number,
    "option": _option,
    "options": _options,
    "date": _date,
    "datetime": _datetime,
    "sprint": _sprint,
}
