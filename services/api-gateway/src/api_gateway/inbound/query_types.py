"""Types of query parameters: what a client wrote comes in, values that use cases take go out, or what is wrong."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from api_gateway.domain.issue_json import BODY_FIELDS
from api_gateway.domain.moments import parse_day, parse_moment
from api_gateway.domain.sort_orders import parse_order
from common.ids import ConnectionId, InvalidId, parse_id
from common.issues.children import Collection

MAX_FIELDS = 100
MAX_VALUES = 100


def clean(text: str) -> str:
    """Refuses what no text of Jira holds and Postgres does not take."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("NUL characters and lone surrogates are not allowed")
    return text


def _checked(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Runs a parser on text; its complaints become errors of the field."""

    def check(given: Any) -> Any:
        if not isinstance(given, str):
            raise ValueError("expected a text")  # noqa: TRY004 - pydantic takes ValueError
        try:
            return parse(clean(given))
        except InvalidId as error:
            raise ValueError(error.detail or str(error)) from None

    return check


def _connection(text: str) -> ConnectionId:
    return ConnectionId(parse_id("con", text))


def _sort(text: str) -> str:
    parse_order(text)
    return text


def split_names(values: list[str] | None) -> tuple[str, ...] | None:
    """`fields=summary,status` and `fields=summary&fields=status` are the same."""
    if values is None:
        return None
    names = tuple(dict.fromkeys(name for value in values for part in value.split(",") if (name := part.strip())))
    if not names:
        raise ValueError("names no field")
    if len(names) > MAX_FIELDS:
        raise ValueError(f"at most {MAX_FIELDS} fields")
    if bodies := BODY_FIELDS & set(names):
        raise ValueError(f"{', '.join(sorted(bodies))} is only in GET /issues/{{issue}}")
    return names


def _names_are_few(values: list[str]) -> list[str]:
    split_names(values)
    return values


def _expand(values: list[str]) -> list[str]:
    expanded(values)
    return values


def expanded(values: list[str]) -> tuple[Collection, ...]:
    """`expand=comments,history` as collections, in the order asked, each once."""
    names = dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip())
    known = [kind.value for kind in Collection]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"cannot expand {unknown[0][:50]!r}; can: {', '.join(known)}")
    return tuple(Collection(name) for name in names)


_TIME_SCHEMA = WithJsonSchema({"type": "string", "examples": ["2026-01-31", "2026-01-31T12:00:00Z"]})

Value = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(clean)]
Values = Annotated[list[Value], Field(max_length=MAX_VALUES)]
Moment = Annotated[datetime, BeforeValidator(_checked(parse_moment)), _TIME_SCHEMA]
Day = Annotated[date, BeforeValidator(_checked(parse_day)), WithJsonSchema({"type": "string", "format": "date"})]
ConnectionRef = Annotated[
    ConnectionId, BeforeValidator(_checked(_connection)), WithJsonSchema({"type": "string", "pattern": "^con_"})
]
Typed = Annotated[str, StringConstraints(max_length=500), AfterValidator(clean)]
Sort = Annotated[str, StringConstraints(max_length=200), AfterValidator(_checked(_sort))]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(clean)]
FieldNames = Annotated[
    list[Annotated[str, StringConstraints(max_length=4_000), AfterValidator(clean)]],
    Field(max_length=MAX_FIELDS),
    AfterValidator(_names_are_few),
]
Expand = Annotated[list[Value], Field(max_length=10), AfterValidator(_expand)]
IssuePath = Annotated[str, Path(max_length=300, description="An id (`iss_…`) or a key (`DEMO-12`).")]
