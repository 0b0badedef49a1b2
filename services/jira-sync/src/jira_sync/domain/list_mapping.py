"""A site's lists as Jira gave them come in, rows of jira.catalogue, jira.projects and jira.users come out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.issues.folding import fold
from jira_sync.domain.people import account_id, user_row
from jira_sync.domain.snapshot import FieldInfo, Row, SiteLists
from jira_sync.domain.texts import clean_all

Entries = Sequence[Mapping[str, Any]]


def catalogue_rows(lists: Mapping[str, Entries]) -> list[Row]:
    """Rows of jira.catalogue by kind; the order in which Jira listed them is their rank."""
    rows: list[Row] = []
    for kind, entries in lists.items():
        rows += [_row(kind, entry, rank) for rank, entry in enumerate(clean_all(list(entries)), 1)]
    return list({(row["kind"], row["jira_id"]): row for row in rows}.values())


def _row(kind: str, entry: Mapping[str, Any], rank: int) -> Row:
    name = str(entry.get("name") or "")
    scope = entry.get("scope")  # of fields, statuses and types of a team-managed project
    project = entry.get("projectId") or ((scope.get("project") or {}).get("id") if isinstance(scope, dict) else None)
    return {
        "kind": kind,
        "jira_id": str(entry["id"]),
        "name": name,
        "name_fold": fold(name),
        "project_id": int(project) if project is not None and str(project).isdigit() else None,
        "rank": rank,
        "data": dict(entry),
    }


def project_rows(projects: Entries) -> list[Row]:
    """Rows of jira.projects, without the generation, which only grows."""
    return [
        {
            "project_id": int(entry["id"]),
            "key": str(entry["key"]),
            "name": str(entry.get("name") or ""),
            "type_key": entry.get("projectTypeKey"),
            "state": str(entry["state"]),
            "lead_id": account_id(entry.get("lead")),
            "data": {"avatarUrls": entry.get("avatarUrls"), "category": entry.get("projectCategory")},
        }
        for entry in clean_all(list(projects))
    ]


def project_key_rows(projects: Entries) -> list[Row]:
    """Every key that a project has or had; a present key beats a former one."""
    former = {str(key): int(entry["id"]) for entry in projects for key in entry.get("projectKeys") or ()}
    present = {str(entry["key"]): int(entry["id"]) for entry in projects}
    return [{"key": key, "project_id": number} for key, number in sorted((former | present).items())]


def user_rows(users: Entries) -> list[Row]:
    """Rows of jira.users."""
    rows = (user_row(user) for user in clean_all(list(users)) if account_id(user) is not None)
    return list({row["account_id"]: row for row in rows}.values())


def site_lists(rows: Iterable[Row]) -> SiteLists:
    """What mapping needs, from the rows of jira.catalogue."""
    fields, ranks = {}, {}
    for row in rows:
        if row["kind"] == "field":
            fields[row["jira_id"]] = _field(row)
        elif row["kind"] == "priority":
            ranks[row["jira_id"]] = row["rank"]
    return SiteLists(fields, ranks)


def _field(row: Row) -> FieldInfo:
    schema = row["data"].get("schema") or {}
    kind, items = str(schema.get("type") or "any"), schema.get("items")
    plugin = str(schema.get("custom") or "").rpartition(":")[2]
    return FieldInfo(row["name"], f"{kind} of {items}" if items else kind, plugin)
