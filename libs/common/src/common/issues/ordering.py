"""Orders of issue lists: sort names come in, ORDER BY and the condition "after this position" go out.

Empties stand where Jira and Postgres agree: last ascending, first descending. Priorities have Jira's order, in
which "descending" begins with the highest, so their column is read in reverse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, Integer, Uuid, and_, bindparam, case, false, func, or_

from common.errors import AppError, ErrorKind
from common.issues.tables import issues


class InvalidPosition(AppError):
    """The position in the list is not of this order."""

    kind, code = ErrorKind.INVALID, "query.invalid_position"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of an order; `name` is one of `SORTABLE`."""

    name: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One column of an order."""

    expression: ColumnElement[Any]
    nullable: bool = False
    reverse: bool = False


_CATEGORY_ORDER = {"todo": 1, "in_progress": 2, "done": 3}

SORTABLE: dict[str, tuple[_Part, ...]] = {
    "updated": (_Part(issues.c.updated),),
    "created": (_Part(issues.c.created),),
    "key": (_Part(issues.c.project_key), _Part(issues.c.number)),
    "priority": (_Part(issues.c.priority_rank, nullable=True, reverse=True),),
    "due_date": (_Part(issues.c.due_date, nullable=True),),
    "resolved_at": (_Part(issues.c.resolved_at, nullable=True),),
    "status": (
        _Part(case(_CATEGORY_ORDER, value=issues.c.status_category, else_=4).cast(Integer)),
        _Part(func.coalesce(issues.c.status_fold, "")),
    ),
    "summary": (_Part(func.lower(issues.c.summary)),),
    # Two connections to one site hold the same issue under the same id, so the id alone would not be a total order.
    "id": (_Part(issues.c.issue_id), _Part(issues.c.connection_id)),
}

DEFAULT_ORDER = (SortKey("updated", descending=True),)


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    expression: ColumnElement[Any]
    nullable: bool
    descending: bool


def _columns(order: Sequence[SortKey]) -> list[_Column]:
    keys = list(order)
    if not any(key.name == "id" for key in keys):
        keys.append(SortKey("id"))
    return [
        _Column(part.expression, part.nullable, key.descending != part.reverse)
        for key in keys
        for part in SORTABLE[key.name]
    ]


def position_columns(order: Sequence[SortKey]) -> list[ColumnElement[Any]]:
    """What a row is ordered by, as columns `k0`, `k1`…, so that the row itself says where it stands."""
    return [column.expression.label(f"k{index}") for index, column in enumerate(_columns(order))]


def order_by(order: Sequence[SortKey], columns: Sequence[ColumnElement[Any]] | None = None) -> list[ColumnElement[Any]]:
    """The ORDER BY of a list; `columns` stand for the expressions where an outer query repeats the order."""
    parts = _columns(order)
    given = columns or [part.expression for part in parts]
    return [column.desc() if part.descending else column.asc() for part, column in zip(parts, given, strict=True)]


def after(order: Sequence[SortKey], empties: Sequence[bool]) -> ColumnElement[bool]:
    """Rows that stand after the position `:a0, :a1…`; `empties` says which of its values are NULL."""
    columns = _columns(order)
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for index, (column, empty) in enumerate(zip(columns, empties, strict=True)):
        beyond = _beyond(column, index, empty=empty)
        if beyond is not None:
            ways.append(and_(*same, beyond))
        same.append(column.expression.is_(None) if empty else column.expression == _value(column, index))
    return and_(*_index_bound(columns[0], empty=empties[0]), or_(false(), *ways))


def _value(column: _Column, index: int) -> Any:
    return bindparam(f"a{index}", type_=column.expression.type)


def _beyond(column: _Column, index: int, *, empty: bool) -> ColumnElement[bool] | None:
    expression = column.expression
    if empty:
        return expression.is_not(None) if column.descending else None
    if column.descending:
        earlier: ColumnElement[bool] = expression < _value(column, index)
        return earlier
    later: ColumnElement[bool] = expression > _value(column, index)
    return or_(later, expression.is_(None)) if column.nullable else later


def _index_bound(first: _Column, *, empty: bool) -> list[ColumnElement[bool]]:
    """Says the obvious about the first column alone, which is what lets an index begin at the position."""
    if empty or (first.nullable and not first.descending):
        return []
    value = _value(first, 0)
    return [first.expression <= value if first.descending else first.expression >= value]


def write_position(row: Any, order: Sequence[SortKey]) -> list[Any]:
    """The position of a row as JSON values."""
    return [_to_json(row[f"k{index}"]) for index in range(len(_columns(order)))]


def read_position(values: Any, order: Sequence[SortKey]) -> tuple[Any, ...]:
    """The values of a position; raises `InvalidPosition` when they are not of this order."""
    columns = _columns(order)
    if not isinstance(values, list) or len(values) != len(columns):
        raise InvalidPosition
    try:
        return tuple(_from_json(value, column) for value, column in zip(values, columns, strict=True))
    except (TypeError, ValueError) as error:
        raise InvalidPosition from error


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _from_json(value: Any, column: _Column) -> Any:
    if value is None:
        if not column.nullable:
            raise ValueError("this part of a position is never empty")
        return None
    kind = column.expression.type
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Uuid):
        return UUID(value)
    if not isinstance(value, int if isinstance(kind, Integer) else str):
        raise TypeError("wrong kind of value in a position")
    return value
