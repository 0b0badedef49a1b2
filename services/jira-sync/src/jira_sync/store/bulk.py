"""Many rows into one table: one compiled statement, sent with all rows in one go."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from common.db.unit_of_work import Tx


async def upsert_all(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], keep: bool = False
) -> None:
    """Inserts rows of this tenant or overwrites those with the same key; `keep` leaves what is there."""
    if not rows:
        return
    index = ["tenant_id", *key]
    statement = postgresql.insert(table)
    if keep:
        statement = statement.on_conflict_do_nothing(index_elements=index)
    else:
        columns = {name: statement.excluded[name] for name in rows[0] if name not in index}
        statement = statement.on_conflict_do_update(index_elements=index, set_=columns)
    await tx.execute(statement, [{**row, "tenant_id": tx.tenant} for row in rows])
