"""The lists: fields, statuses, priorities, types, resolutions, link types, security schemes."""

from starlette.responses import Response

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import bean_page
from jira_simulator.model.catalogue import find
from jira_simulator.model.records import FieldDef
from jira_simulator.shapes import lists
from jira_simulator.shapes.view import Json


async def fields(call: Call) -> Response:
    """Without the fields that exist in one project only; those are in `/field/search`."""
    known = call.site.catalogue.fields.values()
    return json_response([lists.field_json(call.view, entry) for entry in known if entry.project_only is None])


async def search_fields(call: Call) -> Response:
    call.login()
    wanted, query, ids = call.texts("type"), call.text("query").casefold(), call.texts("id")
    found = [
        entry
        for entry in call.site.catalogue.fields.values()
        if (not wanted or ("custom" if entry.custom else "system") in wanted)
        and query in entry.name.casefold()
        and (not ids or entry.id in ids)
        # Jira lists only what can be put on a screen here.
        and entry.id not in {"created", "updated", "creator", "votes", "watches", "timespent"}
    ]
    return json_response(bean_page(call, found, lambda entry: _searched_field(call, entry)))


def _searched_field(call: Call, entry: FieldDef) -> Json:
    del call
    return {
        "id": entry.id,
        "key": entry.id,
        "name": entry.name,
        "schema": lists.field_schema(entry),
        "description": "",
        "isLocked": False,
    }


async def statuses(call: Call) -> Response:
    return json_response([lists.status_json(call.view, entry) for entry in call.site.catalogue.statuses.values()])


async def status(call: Call) -> Response:
    found = find(call.site.catalogue.statuses, call.path("id"))
    if found is None:
        raise Refused(404, f"The status with id '{call.path('id')}' does not exist")
    return json_response(lists.status_json(call.view, found))


async def status_categories(call: Call) -> Response:
    return json_response(lists.categories_json(call.view))


async def priorities(call: Call) -> Response:
    known = call.site.catalogue.priorities.values()
    return json_response([lists.priority_details_json(call.view, entry) for entry in known])


async def search_priorities(call: Call) -> Response:
    known = list(call.site.catalogue.priorities.values())
    return json_response(bean_page(call, known, lambda entry: lists.priority_details_json(call.view, entry)))


async def issue_types(call: Call) -> Response:
    return json_response([lists.type_json(call.view, entry) for entry in call.site.catalogue.types.values()])


async def resolutions(call: Call) -> Response:
    known = call.site.catalogue.resolutions.values()
    return json_response([lists.resolution_json(call.view, entry) for entry in known])


async def link_types(call: Call) -> Response:
    known = call.site.catalogue.link_types.values()
    return json_response({"issueLinkTypes": [lists.link_type_json(call.view, entry) for entry in known]})


async def security_schemes(call: Call) -> Response:
    call.admin()
    return json_response({"issueSecuritySchemes": [lists.scheme_json(call.view)]})


async def security_scheme(call: Call) -> Response:
    call.login()
    if call.path("id") != "10000":
        raise Refused(404, "The issue security scheme does not exist.")
    levels = [lists.level_json(call.view, entry) for entry in call.site.catalogue.levels.values()]
    return json_response(lists.scheme_json(call.view) | {"levels": levels})


async def security_level(call: Call) -> Response:
    found = call.site.catalogue.levels.get(call.path("id"))
    if found is None or call.account is None:
        raise Refused(404, "The security level does not exist or you do not have permission to see it.")
    return json_response(lists.level_json(call.view, found))
