"""An issue, the wanted fields and expansions in, the issue's JSON out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jira_simulator.model.issue import Issue
from jira_simulator.shapes.fields import LEFT_OUT_WHEN_EMPTY, NOT_NAVIGABLE, READERS, belongs, custom_json
from jira_simulator.shapes.lists import field_schema, status_json
from jira_simulator.shapes.parts import change_json, comment_json
from jira_simulator.shapes.view import Json, View
from jira_simulator.text.document import Text
from jira_simulator.write.workflow import transitions

EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"


@dataclass(frozen=True, slots=True)
class Cut:
    """How many children an answer holds at most; the rest has to be fetched from the issue itself."""

    comments: int | None = None
    changes: int | None = None


def chosen_fields(view: View, wanted: Iterable[str]) -> list[str]:
    """`*all`, `*navigable`, names, ids and `-name` in the order of the request; unknown names are ignored."""
    customs = {field.id: field for field in view.site.catalogue.fields.values() if field.custom}
    everything = [*READERS, *customs]
    chosen: dict[str, None] = {}
    asked = [name.strip() for entry in wanted for name in entry.split(",") if name.strip()]
    if asked and all(name.startswith("-") for name in asked):
        asked = ["*all", *asked]
    for name in asked:
        if name == "*all":
            chosen.update(dict.fromkeys(everything))
        elif name == "*navigable":
            chosen.update(dict.fromkeys(entry for entry in everything if entry not in NOT_NAVIGABLE))
        elif name.startswith("-"):
            chosen.pop(name[1:], None)
        elif name in READERS or name in customs:
            chosen[name] = None
    return list(chosen)


def fields_json(view: View, issue: Issue, names: Iterable[str]) -> Json:
    known = view.site.catalogue.fields
    shape: Json = {}
    for name in names:
        if not belongs(known.get(name), issue):
            continue
        reader = READERS.get(name)
        value = reader(view, issue) if reader else custom_json(view, known[name], issue)
        if value is not None or name not in LEFT_OUT_WHEN_EMPTY:
            shape[name] = value
    return shape


def issue_json(
    view: View, issue: Issue, names: list[str], expand: Collection[str] = (), cut: Cut | None = None
) -> Json:
    shape: Json = {
        "expand": EXPAND,
        "id": str(issue.id),
        "self": f"{view.api}/issue/{issue.id}",
        "key": issue.key,
    }
    if names:
        shape["fields"] = fields_json(view, issue, names)
        if cut is not None and "comment" in shape["fields"]:
            _cut_comments(shape["fields"]["comment"], cut.comments)
    if "renderedFields" in expand:
        shape["renderedFields"] = _rendered(view, issue, names)
    if "names" in expand:
        shape["names"] = {name: view.site.catalogue.fields[name].name for name in names if _named(view, name)}
    if "schema" in expand:
        shape["schema"] = {name: field_schema(view.site.catalogue.fields[name]) for name in names if _named(view, name)}
    if "transitions" in expand:
        shape["transitions"] = transitions_json(view, issue)
    if "changelog" in expand:
        shape["changelog"] = _changelog(view, issue, cut.changes if cut else None)
    return shape


def _named(view: View, name: str) -> bool:
    return name in view.site.catalogue.fields


def _cut_comments(page: Json, most: int | None) -> None:
    if most is not None and len(page["comments"]) > most:
        page["comments"] = page["comments"][-most:]
        page["maxResults"] = most


def _changelog(view: View, issue: Issue, most: int | None) -> Json:
    """Cloud begins with the newest and stops; Data Center gives the whole history, oldest first."""
    total = len(issue.changes)
    if not view.site.cloud:
        return {
            "startAt": 0,
            "maxResults": total,
            "total": total,
            "histories": [change_json(view, change) for change in issue.changes],
        }
    shown = issue.changes[::-1] if most is None else issue.changes[::-1][:most]
    return {
        "startAt": 0,
        "maxResults": len(shown) if most is None else most,
        "total": total,
        "histories": [change_json(view, change) for change in shown],
    }


def _rendered(view: View, issue: Issue, names: list[str]) -> Json:
    shape: Json = {}
    for name in names:
        if name in {"description", "environment"}:
            text: Text | None = getattr(issue, name)
            shape[name] = text.html() if text else ""
        elif name == "comment":
            shown = view.site.visible_comments(view.account, issue)
            rendered = [comment_json(view, issue, entry) | {"body": entry.body.html()} for entry in shown]
            shape[name] = {"comments": rendered, "maxResults": len(shown), "total": len(shown), "startAt": 0}
        elif isinstance(issue.custom.get(name), Text):
            shape[name] = issue.custom[name].html()
        else:
            shape[name] = None
    return shape


def transitions_json(view: View, issue: Issue) -> list[Json]:
    shapes = []
    for entry in transitions(view.site, issue):
        shape: Json = {"id": entry.id, "name": entry.name, "to": status_json(view, entry.to)}
        if view.site.cloud:
            shape |= {
                "hasScreen": False,
                "isGlobal": True,
                "isInitial": False,
                "isConditional": False,
                "isAvailable": True,
                "looped": False,
            }
        shapes.append(shape)
    return shapes
