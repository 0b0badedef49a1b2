"""The JSON of issues: stored card and detail come in, list items and details go out; a full item is never parsed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from common.ids import public_id

#: What a list item has at its top, besides custom fields.
ITEM_FIELDS = frozenset((
    "id", "connection_id", "jira_id", "key", "url", "project", "type", "summary", "status", "priority", "assignee",
    "reporter", "labels", "components", "fix_versions", "affects_versions", "parent", "sprint", "resolution",
    "due_date", "created", "updated", "resolved_at", "revision",
))  # fmt: skip
#: What `fields=` may take from the detail into a list item without rendering a body.
DETAIL_FIELDS = frozenset({"custom_fields", "time_tracking", "votes", "watches", "security_level", "creator"})
#: Rich texts are rendered per issue, so lists do not have them.
BODY_FIELDS = frozenset({"description", "environment"})


def needs_detail(names: Sequence[str] | None) -> bool:
    """Whether the chosen fields reach beyond the card."""
    return names is not None and any(name not in ITEM_FIELDS for name in names)


def item(row: Mapping[str, Any], connection: str, names: Sequence[str] | None) -> bytes:
    """One list item; without a choice of fields the stored text is taken as it is."""
    name = public_id("iss", row["issue_id"])
    if names is None and row["parent_visible"]:
        card: str = row["card"]
        head = f'{{"id":"{name}","connection_id":"{connection}",'
        return f'{head}{card[1:-1]},"revision":{row["revision"]}}}'.encode()
    whole = issue_object(row, connection)
    return orjson.dumps(whole if names is None else _chosen(whole, row, names))


def issue_object(row: Mapping[str, Any], connection: str) -> dict[str, Any]:
    """The list item as an object; a parent that the viewer may not see is not named."""
    card = orjson.loads(row["card"])
    if not row["parent_visible"]:
        card["parent"] = None
    name = public_id("iss", row["issue_id"])
    return {"id": name, "connection_id": connection, **card, "revision": row["revision"]}


def _chosen(whole: dict[str, Any], row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    chosen = {name: whole[name] for name in ("id", *names) if name in whole}
    if not needs_detail(names):
        return chosen
    detail = orjson.loads(row["detail"])
    chosen |= {name: detail.get(name) for name in names if name in DETAIL_FIELDS}
    custom = _custom_fields(detail.get("custom_fields") or (), names)
    if custom and "custom_fields" not in names:
        chosen["custom_fields"] = custom
    return chosen


def _custom_fields(fields: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[Mapping[str, Any]]:
    asked = {name.casefold() for name in names}
    return [field for field in fields if field["id"] in asked or str(field["name"]).casefold() in asked]


def connection_name(value: UUID, known: dict[UUID, str]) -> str:
    """The public id of a connection, worked out once per answer."""
    name = known.get(value)
    if name is None:
        name = known[value] = public_id("con", value)
    return name


def list_body(items: Sequence[bytes], next_cursor: str | None, count: tuple[int, bool] | None = None) -> bytes:
    """The body of a list."""
    cursor = orjson.dumps(next_cursor)
    tail = b""
    if count is not None:
        tail = b',"count":' + orjson.dumps({"value": count[0], "exact": count[1]})
    return b'{"items":[' + b",".join(items) + b'],"next_cursor":' + cursor + tail + b"}"
