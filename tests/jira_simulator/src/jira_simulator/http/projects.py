"""Projects: the plain list, Cloud's paged search with states, one project, its versions, components, statuses."""

from starlette.responses import Response

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import bean_page
from jira_simulator.model.records import Project
from jira_simulator.shapes import lists
from jira_simulator.shapes.view import Json


def visible_projects(call: Call, states: tuple[str, ...] = ("live",)) -> list[Project]:
    site = call.site
    return [p for p in site.projects.values() if p.state in states and site.sees_project(call.account, p)]


def asked_project(call: Call) -> Project:
    wanted = call.path("project")
    found = call.site.find_project(wanted)
    if found is None or not call.site.sees_project(call.account, found):
        raise Refused(404, f"No project could be found with {'id' if wanted.isdigit() else 'key'} '{wanted}'.")
    return found


async def projects(call: Call) -> Response:
    """Data Center also lists archived ones on request; nothing is paged."""
    states = ("live", "archived") if call.flag("includeArchived") else ("live",)
    return json_response([lists.project_ref_json(call.view, p) for p in visible_projects(call, states)])


async def search_projects(call: Call) -> Response:
    states = tuple(call.texts("status")) or ("live",)
    unknown = set(states) - {"live", "archived", "deleted"}
    if unknown:
        raise Refused(400, f"The status '{unknown.pop()}' is not valid.")
    found = visible_projects(call, states)
    query, keys, ids = call.text("query").casefold(), call.texts("keys"), call.texts("id")
    found = [
        p
        for p in found
        if (query in p.name.casefold() or query in p.key.casefold())
        and (not keys or p.key in keys)
        and (not ids or str(p.id) in ids)
    ]
    found.sort(key=lambda p: p.key)
    expand = call.texts("expand")
    return json_response(bean_page(call, found, lambda p: _searched(call, p, expand)))


def _searched(call: Call, project: Project, expand: list[str]) -> Json:
    whole = lists.project_json(call.view, project)
    shape = lists.project_ref_json(call.view, project)
    shape |= {name: whole[name] for name in ("expand", "style", "isPrivate", "properties") if name in whole}
    for name in ("description", "lead", "issueTypes"):
        if name in expand:
            shape[name] = whole[name]
    if "projectKeys" in expand:
        shape["projectKeys"] = [project.key, *project.old_keys]
    if "insight" in expand:
        shape["insight"] = _insight(call, project)
    return shape | ({"archived": True} if project.state == "archived" else {})


def _insight(call: Call, project: Project) -> Json:
    issues = [issue for issue in call.site.issues.values() if issue.project == project.id]
    shape: Json = {"totalIssueCount": len(issues)}
    if issues:
        shape["lastIssueUpdateTime"] = call.view.time(max(issue.updated for issue in issues))
    return shape


async def project(call: Call) -> Response:
    found = asked_project(call)
    shape = lists.project_json(call.view, found)
    if "projectKeys" in call.texts("expand"):
        shape["projectKeys"] = [found.key, *found.old_keys]
    return json_response(shape)


async def versions(call: Call) -> Response:
    found = asked_project(call)
    return json_response([lists.version_json(call.view, entry) | {"projectId": found.id} for entry in found.versions])


async def components(call: Call) -> Response:
    found = asked_project(call)
    return json_response(
        [
            lists.component_json(call.view, entry) | {"project": found.key, "projectId": found.id}
            for entry in found.components
        ]
    )


async def statuses(call: Call) -> Response:
    found = asked_project(call)
    known = call.site.catalogue
    kinds = [known.types[entry] for entry in found.types if entry in known.types] or list(known.types.values())
    used = [lists.status_json(call.view, entry) for entry in known.statuses.values()]
    shape = [
        {
            "self": f"{call.view.api}/issuetype/{k.id}",
            "id": k.id,
            "name": k.name,
            "subtask": k.subtask,
            "statuses": used,
        }
        for k in kinds
    ]
    return json_response(shape)
