"""Writing issues: create, edit, transition, assign, delete, link."""

from typing import Any

from starlette.responses import Response

from jira_simulator.http.call import Call
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.updates import fields_with_updates
from jira_simulator.model.catalogue import find
from jira_simulator.model.issue import Issue, Link
from jira_simulator.shapes.issue import chosen_fields, issue_json
from jira_simulator.shapes.lists import link_type_json
from jira_simulator.shapes.parts import issue_ref_json
from jira_simulator.write import issues as write
from jira_simulator.write.conversation import add_comment, link_issues, unlink_issues
from jira_simulator.write.refs import reference_texts
from jira_simulator.write.values import with_fields
from jira_simulator.write.workflow import find_transition


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise Refused(400, f"The value of '{name}' must be an object.")
    return value


def _added_comments(call: Call, body: dict[str, Any], issue: Issue) -> None:
    for entry in _object(body, "update").get("comment") or []:
        if isinstance(entry, dict) and "add" in entry:
            text = call.document(entry["add"].get("body"), "comment")
            add_comment(call.service.desk, call.actor, call.site.issues[issue.id], text)


async def create_issue(call: Call) -> Response:
    call.login()
    body = call.body()
    fields = _object(body, "fields")
    try:
        texts = reference_texts(fields.get("project"), lenient=False)
    except ValueError:
        raise Refused(400, errors={"project": "Specify a valid project ID or key"}) from None
    project = next((p for text in texts if (p := call.site.find_project(text)) is not None), None)
    if project is None or not call.site.sees_project(call.account, project) or project.state != "live":
        raise Refused(400, errors={"project": "Specify a valid project ID or key"})
    issue = write.create_issue(call.service.desk, call.intake(), call.actor, project, fields)
    _added_comments(call, body, issue)
    shape = {"id": str(issue.id), "key": issue.key, "self": f"{call.view.api}/issue/{issue.id}"}
    return json_response(shape, 201)


async def edit_issue(call: Call) -> Response:
    call.login()
    issue, body = call.issue(), call.body()
    fields = fields_with_updates(call, issue, _object(body, "fields"), _object(body, "update"))
    if not fields and not body.get("update") and not body.get("fields"):
        raise Refused(400, "one of 'fields' or 'update' required")
    write.edit_issue(call.service.desk, call.intake(), call.actor, issue, fields)
    _added_comments(call, body, issue)
    if call.flag("returnIssue"):
        stored = call.site.issues[issue.id]
        return json_response(issue_json(call.view, stored, chosen_fields(call.view, ["*all"])))
    return Response(status_code=204)


async def assign_issue(call: Call) -> Response:
    call.login()
    issue, body = call.issue(), call.body()
    value = None if body.get("accountId", body.get("name")) is None else body
    write.edit_issue(call.service.desk, call.intake(), call.actor, issue, {"assignee": value})
    return Response(status_code=204)


async def transition_issue(call: Call) -> Response:
    call.login()
    issue, body = call.issue(), call.body()
    wanted = _object(body, "transition").get("id")
    if wanted is None:
        raise Refused(400, "Missing 'transition' identifier")
    transition = find_transition(call.site, issue, str(wanted))
    if transition is None or transition.id != str(wanted):
        raise Refused(
            400,
            f"It seems that you have tried to perform a workflow operation (transition id {wanted}) that is not valid "
            "for the current state of this issue.",
        )
    fields = fields_with_updates(call, issue, _object(body, "fields"), _object(body, "update"))
    also = with_fields(call.intake(), issue, fields)
    write.transition_issue(call.service.desk, call.actor, issue, transition, also)
    _added_comments(call, body, issue)
    return Response(status_code=204)


async def delete_issue(call: Call) -> Response:
    account, issue = call.login(), call.issue()
    if not account.admin:
        raise Refused(403, "You do not have permission to delete issues in this project.")
    write.delete_issue(call.service.desk, call.actor, issue, with_children=call.flag("deleteSubtasks"))
    return Response(status_code=204)


def _link_end(call: Call, name: str) -> Issue:
    value = call.body().get(name)
    try:
        texts = reference_texts(value, lenient=False)
    except ValueError:
        raise Refused(400, f"'{name}' must name an issue by id or key.") from None
    found = next((issue for text in texts if (issue := call.site.find_issue(text)) is not None), None)
    if found is None or not call.site.sees_issue(call.account, found):
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")
    return found


async def create_link(call: Call) -> Response:
    """Jira's names are the wrong way round for most readers: the inward issue is the source."""
    call.login()
    kind = _object(call.body(), "type")
    found = find(call.site.catalogue.link_types, str(kind.get("id") or kind.get("name") or ""))
    if found is None:
        raise Refused(404, f"No issue link type with name '{kind.get('name')}' found.")
    link_issues(
        call.service.desk, call.actor, _link_end(call, "inwardIssue"), _link_end(call, "outwardIssue"), found.id
    )
    return Response(status_code=201)


def _find_link(call: Call) -> tuple[Issue, Link]:
    wanted = call.path("id")
    for issue in call.site.issues.values():
        for link in issue.links:
            if str(link.id) == wanted and link.outward and call.site.sees_issue(call.account, issue):
                return issue, link
    raise Refused(404, f"No issue link with id '{wanted}' exists.")


async def get_link(call: Call) -> Response:
    issue, link = _find_link(call)
    shape = {
        "id": str(link.id),
        "self": f"{call.view.api}/issueLink/{link.id}",
        "type": link_type_json(call.view, call.site.catalogue.link_types[link.type]),
        "inwardIssue": issue_ref_json(call.view, issue),
        "outwardIssue": issue_ref_json(call.view, call.site.issues[link.other]),
    }
    return json_response(shape)


async def delete_link(call: Call) -> Response:
    call.login()
    issue, link = _find_link(call)
    unlink_issues(call.service.desk, call.actor, issue, link)
    return Response(status_code=204)
