"""The JSON of what an administrator keeps: statuses, types, priorities, links, levels, versions, projects, fields."""

from typing import Any

from jira_simulator.model.records import (
    Component,
    FieldDef,
    IssueType,
    LinkType,
    Named,
    Project,
    Sprint,
    Status,
    User,
    Version,
)
from jira_simulator.shapes.view import Json, View

_CATEGORIES = {
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}


def avatars(view: View, path: str) -> Json:
    return {
        f"{size}x{size}": f"{view.site.base_url}/{path}&size={name}" if name else f"{view.site.base_url}/{path}"
        for size, name in ((48, ""), (24, "small"), (16, "xsmall"), (32, "medium"))
    }


def user_json(view: View, user: User | None, *, full: bool = False) -> Json | None:
    if user is None:
        return None
    shape: Json = {"self": f"{view.api}/user?accountId={user.id}" if view.site.cloud else ""}
    if view.site.cloud:
        shape["accountId"] = user.id
        shape["accountType"] = user.account_type
    else:
        shape["self"] = f"{view.api}/user?username={user.name}"
        shape |= {"name": user.name, "key": user.id}
    if user.email is not None:
        shape["emailAddress"] = user.email
    shape["avatarUrls"] = avatars(view, "secure/useravatar?avatarId=10122")
    shape |= {"displayName": user.display_name, "active": user.active, "timeZone": user.time_zone}
    if full:
        shape["locale"] = user.locale
        shape["groups"] = {"size": 1, "items": []}
        shape["applicationRoles"] = {"size": 1, "items": []}
    return shape


def user_of(view: View, user_id: str | None) -> Json | None:
    return None if user_id is None else user_json(view, view.site.users.get(user_id))


def category_json(view: View, key: str) -> Json:
    number, color, name = _CATEGORIES[key]
    return {"self": f"{view.api}/statuscategory/{number}", "id": number, "key": key, "colorName": color, "name": name}


def categories_json(view: View) -> list[Json]:
    undefined = {
        "self": f"{view.api}/statuscategory/1",
        "id": 1,
        "key": "undefined",
        "colorName": "medium-gray",
        "name": "No Category",
    }
    return [undefined, *(category_json(view, key) for key in _CATEGORIES)]


def status_json(view: View, status: Status) -> Json:
    return {
        "self": f"{view.api}/status/{status.id}",
        "description": "",
        "iconUrl": f"{view.site.base_url}/images/icons/statuses/generic.png",
        "name": status.name,
        "id": status.id,
        "statusCategory": category_json(view, status.category),
    }


def type_json(view: View, kind: IssueType) -> Json:
    shape: Json = {
        "self": f"{view.api}/issuetype/{kind.id}",
        "id": kind.id,
        "description": kind.description,
        "iconUrl": f"{view.site.base_url}/secure/viewavatar?size=xsmall&avatarId=10318&avatarType=issuetype",
        "name": kind.name,
        "subtask": kind.subtask,
        "avatarId": 10318,
    }
    if view.site.cloud:
        shape["hierarchyLevel"] = kind.level
    return shape


def priority_json(view: View, priority: Named) -> Json:
    return {
        "self": f"{view.api}/priority/{priority.id}",
        "iconUrl": f"{view.site.base_url}/images/icons/priorities/{priority.name.lower()}.svg",
        "name": priority.name,
        "id": priority.id,
    }


def priority_details_json(view: View, priority: Named) -> Json:
    return priority_json(view, priority) | {"statusColor": "#ff7452", "description": priority.description}


def resolution_json(view: View, resolution: Named) -> Json:
    return {
        "self": f"{view.api}/resolution/{resolution.id}",
        "id": resolution.id,
        "description": resolution.description,
        "name": resolution.name,
    }


def link_type_json(view: View, kind: LinkType) -> Json:
    return {
        "id": kind.id,
        "name": kind.name,
        "inward": kind.inward,
        "outward": kind.outward,
        "self": f"{view.api}/issueLinkType/{kind.id}",
    }


def level_json(view: View, level: Named) -> Json:
    return {
        "self": f"{view.api}/securitylevel/{level.id}",
        "id": level.id,
        "description": level.description,
        "name": level.name,
    }


def scheme_json(view: View) -> Json:
    return {
        "self": f"{view.api}/issuesecurityschemes/10000",
        "id": 10000,
        "name": "Default Issue Security Scheme",
        "description": "Who may see which issues.",
    }


def version_json(view: View, version: Version) -> Json:
    shape: Json = {
        "self": f"{view.api}/version/{version.id}",
        "id": version.id,
        "name": version.name,
        "archived": version.archived,
        "released": version.released,
    }
    if version.release_date:
        shape["releaseDate"] = version.release_date
    return shape


def component_json(view: View, component: Component) -> Json:
    return {"self": f"{view.api}/component/{component.id}", "id": component.id, "name": component.name}


def project_ref_json(view: View, project: Project) -> Json:
    shape: Json = {
        "self": f"{view.api}/project/{project.id}",
        "id": str(project.id),
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.type_key,
        "avatarUrls": avatars(view, f"secure/projectavatar?pid={project.id}&avatarId=10324"),
    }
    if view.site.cloud:
        shape["simplified"] = False
    if project.category is not None:
        shape["projectCategory"] = {
            "self": f"{view.api}/projectCategory/{project.category.id}",
            "id": project.category.id,
            "name": project.category.name,
            "description": project.category.description,
        }
    return shape


def project_json(view: View, project: Project) -> Json:
    known = view.site.catalogue
    kinds = [known.types[entry] for entry in project.types if entry in known.types] or list(known.types.values())
    shape = project_ref_json(view, project) | {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        "description": f"{project.name}, as the simulator made it.",
        "lead": user_of(view, project.lead),
        "components": [component_json(view, entry) for entry in project.components],
        "issueTypes": [type_json(view, entry) for entry in kinds],
        "assigneeType": "UNASSIGNED",
        "versions": [version_json(view, entry) | {"projectId": project.id} for entry in project.versions],
        "roles": {},
    }
    if view.site.cloud:
        shape |= {"style": "classic", "isPrivate": project.private, "properties": {}}
    shape["archived"] = project.state == "archived"
    return shape


def sprint_value(view: View, sprint: Sprint) -> Any:
    """An object on Cloud; Data Center's REST v2 prints the Java object."""
    start = None if sprint.start is None else view.time(sprint.start)
    end = None if sprint.end is None else view.time(sprint.end)
    if not view.site.cloud:
        text = f"id={sprint.id},rapidViewId={sprint.board},state={sprint.state.upper()},name={sprint.name}"
        dates = f"startDate={start or '<null>'},endDate={end or '<null>'},completeDate=<null>"
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id * 7919:x}"
            f"[{text},{dates},activatedDate=<null>,sequence={sprint.id},goal=]"
        )
    shape: Json = {"id": sprint.id, "name": sprint.name, "state": sprint.state, "boardId": sprint.board, "goal": ""}
    return shape | ({"startDate": start, "endDate": end} if start and end else {})


_PLUGIN = "com.atlassian.jira.plugin.system.customfieldtypes"
_SCHEMAS: dict[str, tuple[str, str | None, str]] = {
    "number": ("number", None, f"{_PLUGIN}:float"),
    "option": ("option", None, f"{_PLUGIN}:select"),
    "options": ("array", "option", f"{_PLUGIN}:multiselect"),
    "text": ("string", None, f"{_PLUGIN}:textfield"),
    "textarea": ("string", None, f"{_PLUGIN}:textarea"),
    "user": ("user", None, f"{_PLUGIN}:userpicker"),
    "date": ("date", None, f"{_PLUGIN}:datepicker"),
    "datetime": ("datetime", None, f"{_PLUGIN}:datetime"),
    "sprint": ("array", "json", "com.pyxis.greenhopper.jira:gh-sprint"),
    "epic": ("any", None, "com.pyxis.greenhopper.jira:gh-epic-link"),
    "rank": ("any", None, "com.pyxis.greenhopper.jira:gh-lexo-rank"),
}


def field_schema(field: FieldDef) -> Json:
    if field.custom:
        kind, items, custom = _SCHEMAS[field.kind]
        shape: Json = {"type": kind, "custom": custom, "customId": int(field.id.rpartition("_")[2])}
        return shape | ({"items": items} if items else {})
    kind, _, inner = field.kind.partition(":")
    return {"type": kind, "system": field.id} | ({"items": inner} if inner else {})


def field_json(view: View, field: FieldDef) -> Json:
    shape: Json = {
        "id": field.id,
        "name": field.name,
        "custom": field.custom,
        "orderable": field.id not in {"created", "updated", "status", "creator"},
        "navigable": field.id not in {"comment", "worklog", "attachment", "timetracking"},
        "searchable": bool(field.clauses),
        "clauseNames": list(field.clauses),
        "schema": field_schema(field),
    }
    if view.site.cloud:
        shape["key"] = field.id
    return shape
