"""Adds entries, and reads them newest first; every read walks an index, whatever the filters are."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    any_,
    func,
    literal_column,
    select,
    tuple_,
)

from api_gateway.audit.domain.entry import Entry
from api_gateway.audit.domain.question import Question
from api_gateway.audit.store.tables import audit_entries, erased_tenants
from common.db.erased import is_erased
from common.db.reading import CompiledRead, Reader, compile_read
from common.db.unit_of_work import AcrossTenantsTx, Tx
from common.ids import PLATFORM, TenantId
from common.issues.scope import bound, of_tenant, texts

#: A count stops here: it is "at least" then.
COUNT_LIMIT = 10_000

_t = audit_entries.c
#: Filters by name: the first one in use leads the walk by its own index, the others are checked on the way.
_COLUMNS = {
    "targets": _t.target_id,
    "actors": _t.actor_id,
    "actions": _t.action,
    "addresses": _t.address,
    "outcomes": _t.outcome,
}
_INDEXED = ("targets", "actors", "actions")
_SHOWN = tuple(each for each in _t if each.name not in ("tenant_id", "recorded_at"))
_ORDER = (_t.at.desc(), _t.entry_id.desc())


async def add_entries(tx: Tx, entries: Sequence[Entry]) -> None:
    """Those that are there already stay as they are; of a tenant that is being erased nothing is kept any more."""
    if await is_erased(tx, erased_tenants, tx.tenant):
        return
    await tx.upsert(audit_entries, [_row(entry) for entry in entries], key=("entry_id",), update=())


def _row(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__} | {"details": dict(entry.details)}


async def list_entries(
    reader: Reader, question: Question, *, limit: int, position: tuple[Any, UUID] | None
) -> Sequence[asyncpg.Record]:
    """Newest first; `position` is (at, id) of the last one seen."""
    params: dict[str, Any] = _params(reader, question) | {"limit": limit}
    if position is not None:
        params |= {"a0": position[0], "a1": position[1]}
    return await reader.fetch(_statement(question.used(), paged=position is not None, counted=False), **params)


async def count_entries(reader: Reader, question: Question) -> tuple[int, bool]:
    """How many there are, and whether that is exact."""
    params = _params(reader, question) | {"limit": COUNT_LIMIT + 1}
    found: int = await reader.fetchval(_statement(question.used(), paged=False, counted=True), **params)
    return min(found, COUNT_LIMIT), found <= COUNT_LIMIT


async def belongs_to_another(tx: AcrossTenantsTx, kind: str, target: str, tenant: TenantId) -> bool:
    """Whether the log of another tenant knows this thing already; asked under the finder."""
    statement = (
        select(_t.tenant_id)  # across tenants: whose a thing is
        .where(
            _t.target_id == target,
            _t.target_kind.in_([literal_column(f"'{known}'") for known in OWNED_KINDS]),
            _t.target_kind == kind,
            _t.tenant_id.not_in((tenant, PLATFORM)),
        )
        .limit(1)
    )
    return (await tx.execute(statement)).first() is not None


#: Things that belong to one tenant for all their life; the index of their ids names the same kinds.
OWNED_KINDS = ("connection", "export", "provider", "grant", "invitation")


def _params(reader: Reader, question: Question) -> dict[str, Any]:
    values: Mapping[str, Any] = {name: getattr(question, name) for name in question.used()}
    return {"tenant": reader.tenant} | {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


@lru_cache(maxsize=256)
def _statement(used: tuple[str, ...], *, paged: bool, counted: bool) -> CompiledRead:
    """One walk down an index for each value of the leading filter, each as long as the page, merged by time."""
    lead = next((name for name in _INDEXED if name in used), None)
    conditions = [of_tenant(audit_entries), *(_condition(name) for name in used if name != lead)]
    if paged:
        last = tuple_(bound("a0", DateTime(timezone=True)), bound("a1", Uuid()))
        conditions += [tuple_(_t.at, _t.entry_id) < last]
    limit = bound("limit", Integer())
    walk: Select[Any] = select(*_SHOWN).where(*conditions).order_by(*_ORDER).limit(limit)
    if lead is not None:
        wanted = func.unnest(texts(lead)).table_valued("value", name="wanted").render_derived()
        each = select(*_SHOWN).where(*conditions, _COLUMNS[lead] == wanted.c.value).order_by(*_ORDER).limit(limit)
        inner = each.lateral("each")
        walk = select(*inner.c).select_from(wanted).select_from(inner)
        walk = walk.order_by(inner.c.at.desc(), inner.c.entry_id.desc()).limit(limit)
    if counted:
        return compile_read(select(func.count()).select_from(walk.subquery()))
    return compile_read(walk)


def _condition(name: str) -> ColumnElement[bool]:
    if name == "after":
        return _t.at >= bound("after", DateTime(timezone=True))
    if name == "before":
        return _t.at < bound("before", DateTime(timezone=True))
    condition: ColumnElement[bool] = _COLUMNS[name] == any_(texts(name))
    return condition
