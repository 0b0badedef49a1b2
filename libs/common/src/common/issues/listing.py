"""Lists of issues: a filter, an order and a position come in, one page of the mirror goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import Integer, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.sql.expression import ColumnElement

from common.db.reading import CompiledRead, Reader, compile_read
from common.issues.access import Access, Reach
from common.issues.filtering import IssueFilter, conditions
from common.issues.ordering import SortKey, after, order_by, position_columns
from common.issues.scope import issue_is_visible, may_see_issue, of_tenant
from common.issues.searching import TextPlan, matches
from common.issues.tables import issues

#: Counts are exact up to here; beyond, "at least this many" is what a reader can use.
COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """What to list of all that the viewer may see: filtered how, matching which text, in which order."""

    where: IssueFilter
    order: tuple[SortKey, ...]
    text: TextPlan | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a statement depends on; the values go in as parameters."""

    asked: tuple[str, ...]
    reach: Reach
    text: str | None
    order: tuple[SortKey, ...] = ()
    empties: tuple[bool, ...] | None = None
    with_detail: bool = False


async def list_issues(
    reader: Reader,
    access: Access,
    query: IssueQuery,
    *,
    limit: int,
    position: tuple[Any, ...] | None = None,
    with_detail: bool = False,
) -> Sequence[asyncpg.Record]:
    """Up to `limit` rows after `position`: ids, revision, card, `parent_visible` and the columns of the order."""
    empties = None if position is None else tuple(value is None for value in position)
    shape = _Shape(query.where.asked(), access.reach, _kind(query), query.order, empties, with_detail)
    values = {f"a{index}": value for index, value in enumerate(position or ()) if value is not None}
    statement = _page(shape)
    given = {**_parameters(access, query), **values, "limit": limit}
    return await reader.fetch(statement, **statement.only(given))


async def count_issues(reader: Reader, access: Access, query: IssueQuery) -> tuple[int, bool]:
    """How many there are, and whether that is exact (up to `COUNT_LIMIT`)."""
    statement = _count(_Shape(query.where.asked(), access.reach, _kind(query)))
    found = await reader.fetchval(statement, **statement.only(_parameters(access, query)))
    return min(found, COUNT_LIMIT), found <= COUNT_LIMIT


def _parameters(access: Access, query: IssueQuery) -> dict[str, Any]:
    text = query.text.parameters() if query.text else {}
    return {**access.parameters(), **query.where.parameters(), **text}


def _kind(query: IssueQuery) -> str | None:
    return None if query.text is None else query.text.kind


def _where(shape: _Shape) -> ColumnElement[bool]:
    parts = [of_tenant(issues), may_see_issue(issues, shape.reach), conditions(shape.asked)]
    if shape.text is not None:
        parts.append(matches(shape.text, issues))
    if shape.empties is not None:
        parts.append(after(shape.order, shape.empties))
    return and_(*parts)


@lru_cache(maxsize=512)
def _page(shape: _Shape) -> CompiledRead:
    """The page first, by the index of the order; then, for its rows only, whether their parents may be named."""
    positions = position_columns(shape.order)
    columns = [issues.c.issue_id, issues.c.connection_id, issues.c.revision, issues.c.card, issues.c.parent_jira_id]
    if shape.with_detail:
        columns += [issues.c.detail, issues.c.jira_id]
    page = (
        select(*columns, *positions)
        .where(_where(shape))
        .order_by(*order_by(shape.order))
        .limit(bindparam("limit", type_=Integer()))
        .cte("page")
        .prefix_with("MATERIALIZED")
    )
    parent = or_(page.c.parent_jira_id.is_(None), issue_is_visible(page.c.connection_id, page.c.parent_jira_id))
    again = [page.c[each.name] for each in positions]
    return compile_read(select(page, parent.label("parent_visible")).order_by(*order_by(shape.order, again)))


@lru_cache(maxsize=512)
def _count(shape: _Shape) -> CompiledRead:
    some = select(literal_column("1")).where(_where(shape)).limit(literal_column(str(COUNT_LIMIT + 1))).subquery()
    return compile_read(select(func.count()).select_from(some))
