"""Comments, worklogs, changelog, attachments and links of an issue come in, their rows come out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from common.ids import derive_child_id
from jira_sync.domain.people import account_id, display_name
from jira_sync.domain.snapshot import Row, Site
from jira_sync.domain.times import parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Entries = Sequence[Mapping[str, Any]] | None
#: A service desk's internal note is for its agents, whatever the visibility says.
INTERNAL_NOTE = "service_desk:internal"


def comment_rows(entries: Entries, site: Site) -> tuple[Row, ...] | None:
    """Rows of jira.comments; None stays None (not known)."""
    if entries is None:
        return None
    return _once(
        {
            **_child("com", entry, site),
            "updated": parse_time(entry.get("updated")) or parse_time(entry.get("created")) or _EPOCH,
            "visibility": _visibility(entry),
            **_body(entry.get("body")),
        }
        for entry in entries
    )


def worklog_rows(entries: Entries, site: Site) -> tuple[Row, ...] | None:
    """Rows of jira.worklogs; None stays None."""
    if entries is None:
        return None
    return _once(
        {
            **_child("wkl", entry, site),
            "updated": parse_time(entry.get("updated")) or parse_time(entry.get("created")) or _EPOCH,
            "started": parse_time(entry.get("started")),
            "seconds": int(entry.get("timeSpentSeconds") or 0),
            "visibility": _visibility(entry),
            **_body(entry.get("comment"), absent=None),
        }
        for entry in entries
    )


def history_rows(entries: Entries, site: Site) -> tuple[Row, ...] | None:
    """Rows of jira.history; None stays None."""
    if entries is None:
        return None
    return _once(
        {**_child("his", entry, site), "changes": orjson.dumps(_changes(entry.get("items") or ())).decode()}
        for entry in entries
    )


def _changes(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "field": item.get("field"),
            "field_id": item.get("fieldId"),
            "from": item.get("from"),
            "from_text": item.get("fromString"),
            "to": item.get("to"),
            "to_text": item.get("toString"),
        }
        for item in items
    ]


def attachment_rows(entries: Entries, site: Site) -> tuple[Row, ...]:
    """Rows of jira.attachments."""
    return _once(
        {
            **_child("att", entry, site),
            "name": str(entry.get("filename") or ""),
            "size": int(entry.get("size") or 0),
            "media_type": str(entry.get("mimeType") or "application/octet-stream"),
            "content_url": str(entry.get("content") or ""),
            "thumbnail_url": entry.get("thumbnail"),
            "media_id": entry.get("mediaApiFileId"),
        }
        for entry in entries or ()
    )


def link_rows(entries: Entries) -> tuple[Row, ...]:
    """Rows of jira.links; a link whose other end Jira does not name is left out."""
    rows = []
    for entry in entries or ():
        kind = entry.get("type") or {}
        for side, direction in (("inwardIssue", "inward"), ("outwardIssue", "outward")):
            other = entry.get(side)
            if isinstance(other, Mapping) and other.get("id"):
                rows.append(
                    {
                        "jira_id": int(entry["id"]),
                        "direction": direction,
                        "type_name": str(kind.get("name") or ""),
                        "label": str(kind.get(direction) or kind.get("name") or ""),
                        "other_jira_id": int(other["id"]),
                        "other_key": str(other.get("key") or ""),
                    }
                )
    return tuple({(row["jira_id"], row["direction"]): row for row in rows}.values())


def _child(prefix: str, entry: Mapping[str, Any], site: Site) -> dict[str, Any]:
    jira_id = int(entry["id"])
    return {
        "jira_id": jira_id,
        "child_id": derive_child_id(prefix, site.tenant, site.identity, jira_id),
        "author_id": account_id(entry.get("author")),
        "author_name": display_name(entry.get("author")),
        "created": parse_time(entry.get("created")) or _EPOCH,
    }


def _visibility(entry: Mapping[str, Any]) -> str | None:
    found = entry.get("visibility")
    if isinstance(found, Mapping) and found.get("type"):
        return f"{found['type']}:{found.get('value') or found.get('identifier') or ''}"
    return INTERNAL_NOTE if entry.get("jsdPublic") is False else None


def _body(raw: Any, absent: str | None = "") -> dict[str, str | None]:
    if isinstance(raw, Mapping):
        return {"body_format": "adf", "body": orjson.dumps(raw).decode()}
    if isinstance(raw, str):
        return {"body_format": "wiki", "body": raw}
    return {"body_format": None if absent is None else "wiki", "body": absent}


def _once(rows: Any) -> tuple[Row, ...]:
    """Pages that moved while they were read repeat entries: the last one counts."""
    return tuple({row["jira_id"]: row for row in rows}.values())
