"""The JSON of a site's small lists: projects, people, fields, statuses, priorities, issue types."""

from typing import Any

import orjson


def project(row: Any) -> dict[str, Any]:
    """A project as the API shows it."""
    return {
        "id": str(row["project_id"]),
        "key": row["key"],
        "name": row["name"],
        "type": row["type_key"],
        "state": row["state"],
        "lead_id": row["lead_id"],
    }


def user(row: Any) -> dict[str, Any]:
    """A person; e-mail addresses stay inside, because Jira hides them by each person's own choice."""
    return {
        "id": row["account_id"],
        "name": row["display_name"],
        "avatar_url": row["avatar_url"],
        "active": row["active"],
    }


#: What of an entry's own data is shown; the rest is for the sync engine.
_SHOWN = ("category", "custom", "type", "schema", "subtask", "color", "icon_url", "description")


def catalogue_entry(row: Any) -> dict[str, Any]:
    """An entry of a small list, with what its kind adds."""
    data = orjson.loads(row["data"]) if isinstance(row["data"], str) else row["data"] or {}
    shown = {name: data[name] for name in _SHOWN if name in data}
    project_id = row["project_id"]
    return {
        "id": row["jira_id"],
        "name": row["name"],
        "project_id": None if project_id is None else str(project_id),
        **shown,
    }
