"""Entries as text: JSON lines and CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from common.clock import rfc3339
from common.ids import public_id

#: A row of the store, whichever driver gave it.
Row = Any

COLUMNS = (
    "id", "at", "actor_kind", "actor_id", "action", "target_kind", "target_id", "outcome", "reason", "address",
    "request_id", "session_id", "source", "details",
)  # fmt: skip
#: A spreadsheet runs what begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(row: Row) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "id": public_id("evt", UUID(str(row["entry_id"]))),
        "at": rfc3339(row["at"]),
        "actor": {"kind": row["actor_kind"], "id": row["actor_id"]},
        "action": row["action"],
        "target": None if row["target_kind"] is None else {"kind": row["target_kind"], "id": row["target_id"]},
        "outcome": row["outcome"],
        "reason": row["reason"],
        "address": row["address"],
        "request_id": row["request_id"],
        "session_id": row["session_id"],
        "source": row["source"],
        "details": _details(row),
    }


def json_lines(rows: Iterable[Row]) -> bytes:
    """One entry a line."""
    return b"".join(orjson.dumps(shown(row)) + b"\n" for row in rows)


def csv_header() -> bytes:
    """The names of the columns."""
    return _csv([COLUMNS])


def csv_lines(rows: Iterable[Row]) -> bytes:
    """One entry a line, in the order of `COLUMNS`; details are JSON."""
    return _csv([_cells(row) for row in rows])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cells(row: Row) -> list[str]:
    values = {**dict(row), "id": public_id("evt", UUID(str(row["entry_id"]))), "at": rfc3339(row["at"])}
    values["details"] = orjson.dumps(_details(row)).decode() if _details(row) else ""
    return [harmless("" if values[name] is None else str(values[name])) for name in COLUMNS]


def _details(row: Row) -> dict[str, str]:
    """The lean reader gives jsonb as text."""
    found = row["details"]
    parsed: dict[str, str] = orjson.loads(found) if isinstance(found, str) else dict(found)
    return parsed


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode()
