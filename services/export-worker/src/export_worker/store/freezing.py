"""Freezes a set: chosen issues come in, rows of exports.items with the content of this moment stand in the tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Uuid, bindparam, cast, func, insert, literal_column
from sqlalchemy.sql.dml import ReturningInsert

from common.db.unit_of_work import Tx
from common.ids import ExportId
from common.issues.access import Access
from common.issues.tables import issues
from export_worker.domain.selection import Candidate
from export_worker.store.mirror import content, digest_of, visible_wanted, wanted
from export_worker.store.tables import items

_COLUMNS = ("tenant_id", "export_id", "ordinal", "issue_id", "connection_id", "jira_id", "key", "revision", "digest")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What planning needs to know of an issue whose content now lies still."""

    ordinal: int
    key: str
    digest: str
    cost: int


def _statement() -> ReturningInsert[Any]:
    rows = wanted()
    picked = visible_wanted(
        rows,
        issues.c.tenant_id,
        bindparam("export", type_=Uuid()).label("export_id"),
        cast(rows.c.ordinal, Integer).label("ordinal"),
        issues.c.issue_id,
        issues.c.connection_id,
        issues.c.jira_id,
        issues.c.key,
        issues.c.revision,
        content().label("content"),
    ).offset(literal_column("0"))  # keeps Postgres from computing the content twice
    inner = picked.subquery("frozen")
    columns = [inner.c[name] if name != "digest" else digest_of(inner.c.content) for name in _COLUMNS]
    return (
        insert(items)
        .from_select([*_COLUMNS, "content"], inner.select().with_only_columns(*columns, inner.c.content))
        .returning(items.c.ordinal, items.c.key, items.c.digest, func.octet_length(items.c.content).label("cost"))
    )


_FREEZE = _statement()


async def freeze_issues(tx: Tx, access: Access, export: ExportId, chosen: Sequence[Candidate]) -> list[Frozen]:
    """One statement reads everything, so the set is one picture; the content never passes through this process.

    An issue that vanished since it was chosen has no row.
    """
    params = {
        **access.parameters(),
        "export": export,
        "connections": [issue.connection_id for issue in chosen],
        "jira_ids": [issue.jira_id for issue in chosen],
        "ordinals": list(range(1, len(chosen) + 1)),
    }
    result = await tx.execute(_FREEZE, params)
    return sorted((Frozen(**row) for row in result.mappings()), key=lambda one: one.ordinal)
