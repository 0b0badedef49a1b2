"""The `meta` part of a fixture in, catalogue, users and projects out."""

from typing import Any

from jira_simulator.model.catalogue import Catalogue, by_id, custom_field, system_fields
from jira_simulator.model.records import (
    Component,
    FieldDef,
    IssueType,
    LinkType,
    Named,
    Option,
    Project,
    Sprint,
    Status,
    User,
    Version,
)

_KINDS = {"multiselect": "options", "select": "option", "cascading": "text"}
_SPRINT = 10_090
_RANK = 10_091


def _named(entries: list[dict[str, Any]]) -> dict[str, Named]:
    return by_id(Named(str(entry["id"]), entry["name"]) for entry in entries)


def fixture_users(meta: dict[str, Any]) -> dict[str, User]:
    users = (User(u["name"], u["name"], u["displayName"], u["email"], u["active"]) for u in meta["users"])
    return {user.id: user for user in users}


def fixture_projects(meta: dict[str, Any]) -> dict[int, Project]:
    return {entry["id"]: _project(meta, entry) for entry in meta["projects"]}


def _project(meta: dict[str, Any], entry: dict[str, Any]) -> Project:
    key = entry["key"]
    versions = sorted((v for v in meta["versions"] if v["project"] == key), key=lambda v: v["sequence"])
    components = [c for c in meta["components"] if c["project"] == key]
    return Project(
        id=entry["id"],
        key=key,
        name=entry["name"],
        lead=entry["lead"],
        type_key=entry["type"],
        category=Named("1", entry["category"]) if entry["category"] else None,
        versions=tuple(Version(str(v["id"]), v["name"], v["released"]) for v in versions),
        components=tuple(Component(str(c["id"]), c["name"], c["lead"]) for c in components),
    )


def fixture_catalogue(meta: dict[str, Any], issues: list[dict[str, Any]]) -> Catalogue:
    categories = {entry["name"]: entry["key"] for entry in meta["statusCategories"]}
    levels = sorted({issue["securityLevel"] for issue in issues if issue["securityLevel"]})
    return Catalogue(
        statuses=by_id(Status(str(s["id"]), s["name"], categories[s["category"]]) for s in meta["statuses"]),
        types=by_id(IssueType(str(t["id"]), t["name"], t["level"]) for t in meta["issuetypes"]),
        priorities=_named(meta["priorities_high_to_low"]),
        resolutions=_named(meta["resolutions_in_order"]),
        link_types=by_id(
            LinkType(str(10000 + n), link["name"], link["inward"], link["outward"])
            for n, link in enumerate(meta["linkTypes"])
        ),
        levels=by_id(Named(str(10020 + n), name) for n, name in enumerate(levels)),
        fields=_fields(meta, issues),
        sprints={s["id"]: Sprint(s["id"], s["name"], s["state"]) for s in meta["sprints"]},
    )


def _fields(meta: dict[str, Any], issues: list[dict[str, Any]]) -> dict[str, FieldDef]:
    fields = system_fields()
    for entry in meta["customFields"]:
        kind = _KINDS.get(entry["type"], entry["type"])
        made = custom_field(entry["id"], entry["name"], kind, _options(entry, kind, issues))
        fields[made.id] = made
    for number, name, kind in ((_SPRINT, "Sprint", "sprint"), (_RANK, "Rank", "rank")):
        made = custom_field(number, name, kind)
        fields[made.id] = made
    return fields


def _options(entry: dict[str, Any], kind: str, issues: list[dict[str, Any]]) -> tuple[Option, ...]:
    """A list without given options offers what the issues use."""
    if "options" in entry:
        return tuple(Option(number, value) for number, value in entry["options"].items())
    if kind != "options":
        return ()
    used = (issue["customfields"].get(f"cf[{entry['id']}]") or [] for issue in issues)
    values = sorted({value for values in used for value in values})
    return tuple(Option(str(entry["id"] * 10 + n), value) for n, value in enumerate(values))
