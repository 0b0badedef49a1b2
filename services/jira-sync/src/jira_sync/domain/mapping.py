"""A raw issue of Jira comes in, the rows of the mirror come out: the one place that knows Jira's issue JSON."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from common.ids import derive_issue_id
from common.issues.cards import Body, Card, CustomField, Detail
from common.issues.folding import fold
from jira_sync.domain.child_mapping import attachment_rows, comment_rows, history_rows, link_rows, worklog_rows
from jira_sync.domain.custom_values import NOISE, SPRINT, current_sprint, display, filter_values, sprints, value_row
from jira_sync.domain.people import account_id, person, user_row
from jira_sync.domain.snapshot import RawIssue, Row, Site, SiteLists, Snapshot
from jira_sync.domain.texts import clean_all
from jira_sync.domain.times import parse_date, parse_time, shown

_CATEGORIES = {"new": "todo", "indeterminate": "in_progress", "done": "done"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def snapshot_of(raw: RawIssue, site: Site, lists: SiteLists) -> Snapshot:
    """The rows of an issue. Raises KeyError, TypeError or ValueError for an answer that is no issue."""
    whole: dict[str, Any] = {
        "issue": raw.issue,
        "comments": raw.comments,
        "worklogs": raw.worklogs,
        "history": raw.history,
    }
    whole, body = _storable(whole)
    issue: Mapping[str, Any] = whole["issue"]
    fields: Mapping[str, Any] = issue["fields"]
    comments = comment_rows(whole["comments"], site)
    history = history_rows(whole["history"], site)
    return Snapshot(
        jira_id=int(issue["id"]),
        observed_at=raw.observed_at,
        row=_issue_row(issue, fields, site, lists),
        values=_values(fields, lists),
        comments=comments,
        worklogs=worklog_rows(whole["worklogs"], site),
        history=history,
        attachments=attachment_rows(fields.get("attachment"), site),
        links=link_rows(fields.get("issuelinks")),
        old_keys=_old_keys(whole["history"], str(issue["key"])),
        people=_people(whole, fields),
        raw=zlib.compress(body, 6),
    )


def _storable(whole: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The answer and its JSON; most answers hold nothing that Postgres refuses, and are spared the walk."""
    try:
        body = orjson.dumps(whole)
    except TypeError:  # lone surrogates
        body = b""
    if body and b"\\u0000" not in body:
        return whole, body
    cleaned = clean_all(whole)
    return cleaned, orjson.dumps(cleaned)


def _issue_row(issue: Mapping[str, Any], fields: Mapping[str, Any], site: Site, lists: SiteLists) -> Row:
    key = str(issue["key"])
    project = fields["project"]
    kind, status, priority = _named(fields, "issuetype"), _named(fields, "status"), _named(fields, "priority")
    resolution, level, parent = _named(fields, "resolution"), _named(fields, "security"), fields.get("parent") or {}
    updated = parse_time(fields.get("updated"))
    created = parse_time(fields.get("created")) or updated or _EPOCH
    return {
        "jira_id": int(issue["id"]),
        "issue_id": derive_issue_id(site.tenant, site.identity, int(issue["id"])),
        "key": key,
        "number": int(key.rpartition("-")[2]),
        "project_id": int(project["id"]),
        "project_key": str(project["key"]),
        "summary": str(fields.get("summary") or ""),
        **_name_columns("type", kind),
        **_name_columns("status", status),
        "status_category": _category(status),
        **_name_columns("priority", priority),
        "priority_rank": lists.priority_ranks.get(str(priority["id"])) if priority else None,
        "resolution_id": str(resolution["id"]) if resolution else None,
        "resolution_name": str(resolution["name"]) if resolution else None,
        "assignee_id": account_id(fields.get("assignee")),
        "reporter_id": account_id(fields.get("reporter")),
        "creator_id": account_id(fields.get("creator")),
        "parent_jira_id": int(parent["id"]) if parent.get("id") else None,
        "due_date": parse_date(fields.get("duedate")),
        "created": created,
        "updated": updated or created,
        "resolved_at": parse_time(fields.get("resolutiondate")),
        "security_level_id": str(level["id"]) if level else None,
        "security_level_name": str(level["name"]) if level else None,
        "card": orjson.dumps(_card(issue, fields, site, lists)).decode(),
        "detail": orjson.dumps(_detail(fields, lists)).decode(),
    }


def _card(issue: Mapping[str, Any], fields: Mapping[str, Any], site: Site, lists: SiteLists) -> Card:
    key = str(issue["key"])
    kind, status = _named(fields, "issuetype") or {}, _named(fields, "status")
    priority, resolution, parent = _named(fields, "priority"), _named(fields, "resolution"), fields.get("parent")
    due = parse_date(fields.get("duedate"))
    return {
        "jira_id": str(issue["id"]),
        "key": key,
        "url": f"{site.base_url}/browse/{key}",
        "project": {"key": str(fields["project"]["key"]), "name": str(fields["project"].get("name") or "")},
        "type": {"name": str(kind.get("name") or ""), "subtask": bool(kind.get("subtask"))},
        "summary": str(fields.get("summary") or ""),
        "status": {"name": str((status or {}).get("name") or ""), "category": _category(status)},
        "priority": {"name": str(priority["name"])} if priority else None,
        "assignee": person(fields.get("assignee")),
        "reporter": person(fields.get("reporter")),
        "labels": [str(label) for label in fields.get("labels") or ()],
        "components": _names(fields.get("components")),
        "fix_versions": _names(fields.get("fixVersions")),
        "affects_versions": _names(fields.get("versions")),
        "parent": _parent(parent) if isinstance(parent, Mapping) else None,
        "sprint": current_sprint(_sprints(fields, lists)),
        "resolution": str(resolution["name"]) if resolution else None,
        "due_date": due.isoformat() if due else None,
        "created": shown(parse_time(fields.get("created"))) or "",
        "updated": shown(parse_time(fields.get("updated"))) or "",
        "resolved_at": shown(parse_time(fields.get("resolutiondate"))),
    }


def _detail(fields: Mapping[str, Any], lists: SiteLists) -> Detail:
    level = _named(fields, "security")
    return {
        "description": _body(fields.get("description")),
        "environment": _body(fields.get("environment")),
        "custom_fields": [_custom(name, fields[name], lists) for name in sorted(_shown_custom(fields, lists))],
        "time_tracking": _time_tracking(fields),
        "votes": (fields.get("votes") or {}).get("votes"),
        "watches": (fields.get("watches") or {}).get("watchCount"),
        "security_level": str(level["name"]) if level else None,
        "creator": person(fields.get("creator")),
    }


def _shown_custom(fields: Mapping[str, Any], lists: SiteLists) -> Iterable[str]:
    for name, value in fields.items():
        info = lists.fields.get(name)
        noise = info is not None and info.plugin in NOISE
        if name.startswith("customfield_") and value is not None and value != [] and not noise:
            yield name


def _custom(name: str, value: Any, lists: SiteLists) -> CustomField:
    info = lists.fields.get(name)
    shown_value = ", ".join(entry["name"] for entry in sprints(value)) if _is_sprint(name, lists) else display(value)
    return {
        "id": name,
        "name": info.name if info else name,
        "type": info.kind if info else "unknown",
        "value": value,
        "display": shown_value,
    }


def _is_sprint(name: str, lists: SiteLists) -> bool:
    info = lists.fields.get(name)
    return info is not None and info.plugin == SPRINT


def _sprints(fields: Mapping[str, Any], lists: SiteLists) -> list[dict[str, str]]:
    return [entry for name in fields if _is_sprint(name, lists) for entry in sprints(fields[name])]


def _values(fields: Mapping[str, Any], lists: SiteLists) -> tuple[Row, ...]:
    rows = [value_row("label", str(label), None) for label in fields.get("labels") or ()]
    for field, source in (("component", "components"), ("fix_version", "fixVersions"), ("affects_version", "versions")):
        rows += [value_row(field, str(entry["name"]), str(entry["id"])) for entry in fields.get(source) or ()]
    for name in _shown_custom(fields, lists):
        rows += filter_values(name, fields[name], lists.fields.get(name))
    return tuple({(row["field"], row["value_fold"]): row for row in rows}.values())


def _body(raw: Any) -> Body | None:
    if isinstance(raw, dict):
        return {"format": "adf", "raw": raw}
    return {"format": "wiki", "raw": raw} if isinstance(raw, str) else None


def _time_tracking(fields: Mapping[str, Any]) -> dict[str, int | None] | None:
    found = {
        "original_seconds": fields.get("timeoriginalestimate"),
        "remaining_seconds": fields.get("timeestimate"),
        "spent_seconds": fields.get("timespent"),
    }
    return found if any(value is not None for value in found.values()) else None


def _parent(parent: Mapping[str, Any]) -> dict[str, str]:
    return {"key": str(parent["key"]), "summary": str((parent.get("fields") or {}).get("summary") or "")}


def _named(fields: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    found = fields.get(name)
    return found if isinstance(found, Mapping) and "id" in found and "name" in found else None


def _names(entries: Any) -> list[str]:
    return [str(entry["name"]) for entry in entries or ()]


def _name_columns(column: str, entry: Mapping[str, Any] | None) -> dict[str, str | None]:
    name = str(entry["name"]) if entry else None
    return {
        f"{column}_id": str(entry["id"]) if entry else None,
        f"{column}_name": name,
        f"{column}_fold": fold(name) if name is not None else None,
    }


def _category(status: Mapping[str, Any] | None) -> str:
    key = ((status or {}).get("statusCategory") or {}).get("key")
    return _CATEGORIES.get(str(key), "todo")


def _old_keys(history: Any, key: str) -> frozenset[str]:
    moves = (item for entry in history or () for item in entry.get("items") or () if item.get("field") == "Key")
    return frozenset(str(item["fromString"]) for item in moves if item.get("fromString")) - {key}


def _people(whole: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Row]:
    users = [fields.get(name) for name in ("assignee", "reporter", "creator")]
    users += [entry.get("author") for part in ("comments", "worklogs", "history") for entry in whole[part] or ()]
    found: dict[str, Row] = {}
    for user in users:
        name = account_id(user)
        if name is not None and name not in found:
            found[name] = user_row(user or {})
    return found
