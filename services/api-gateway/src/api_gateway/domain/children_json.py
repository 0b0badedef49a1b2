"""The JSON of what hangs on an issue: rows of the mirror come in, objects of api.md §4 go out."""

from collections.abc import Mapping
from typing import Any

import orjson

from common.clock import rfc3339
from common.ids import public_id

Row = Any  # an asyncpg record, or anything else with names


def content_path(row: Row) -> str:
    """Where the bytes of an attachment are."""
    return f"/api/v1/attachments/{public_id('att', row['child_id'])}/content"


def person(row: Row) -> dict[str, Any] | None:
    """Who made a row; None where Jira does not say."""
    if row["author_id"] is None and row["author_name"] is None:
        return None
    return {
        "id": row["author_id"],
        "name": row["author_name"] or row["author_id"],
        "avatar_url": row["author_avatar"],
    }


def comment(row: Row, body: dict[str, Any]) -> dict[str, Any]:
    """A comment with its rendered body."""
    return {
        "id": public_id("com", row["child_id"]),
        "author": person(row),
        "created": rfc3339(row["created"]),
        "updated": rfc3339(row["updated"]),
        "edited": row["updated"] > row["created"],
        "body": body,
        "visibility": _visibility(row["visibility"]),
    }


def worklog(row: Row, body: dict[str, Any] | None) -> dict[str, Any]:
    """A worklog; its comment is a body too."""
    return {
        "id": public_id("wkl", row["child_id"]),
        "author": person(row),
        "started": None if row["started"] is None else rfc3339(row["started"]),
        "seconds": row["seconds"],
        "created": rfc3339(row["created"]),
        "updated": rfc3339(row["updated"]),
        "comment": body,
        "visibility": _visibility(row["visibility"]),
    }


def history_entry(row: Row, changes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One change of the issue by one person at one moment."""
    return {
        "id": public_id("his", row["child_id"]),
        "author": person(row),
        "at": rfc3339(row["created"]),
        "changes": changes,
    }


def attachment(row: Row) -> dict[str, Any]:
    """An attachment; its bytes come from us, never from an address of Jira."""
    place = content_path(row).removesuffix("/content")
    found = {
        "id": public_id("att", row["child_id"]),
        "name": row["name"],
        "size": row["size"],
        "media_type": row["media_type"],
        "author": person(row),
        "created": rfc3339(row["created"]),
        "content_url": f"{place}/content",
    }
    return found if row["thumbnail_url"] is None else {**found, "thumbnail_url": f"{place}/thumbnail"}


def link(row: Row) -> dict[str, Any]:
    """A link as the issue on this side shows it."""
    return {
        "id": str(row["jira_id"]),
        "type": row["type_name"],
        "direction": row["direction"],
        "label": row["label"],
        "issue": {
            "id": public_id("iss", row["issue_id"]),
            "key": row["key"],
            "summary": row["summary"],
            "type": {"name": row["other_type"]},
            "status": {"name": row["status_name"], "category": row["status_category"]},
        },
    }


def changes_of(row: Row) -> list[dict[str, Any]]:
    """The stored changes of a history row."""
    changes: list[dict[str, Any]] = orjson.loads(row["changes"])
    return changes


def _visibility(stored: str | None) -> dict[str, str] | None:
    if stored is None:
        return None
    kind, _, value = stored.partition(":")
    return {"type": kind, "value": value}
