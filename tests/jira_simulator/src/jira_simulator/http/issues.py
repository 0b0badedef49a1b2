"""Reading issues: one by id or key, many by bulkfetch, history, transitions."""

from typing import Any

from starlette.responses import Response

from jira_simulator.http.call import Call, as_number, as_texts
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import bean_page
from jira_simulator.model.issue import Change, Issue
from jira_simulator.shapes.issue import Cut, chosen_fields, issue_json, transitions_json
from jira_simulator.shapes.parts import change_json
from jira_simulator.shapes.view import Json

_MOST_BULK = 100
_MOST_CHANGELOG_ISSUES, _MOST_CHANGELOG_FIELDS = 1000, 10
_CHANGELOG_PAGE, _MOST_CHANGELOG_PAGE = 1000, 10_000
# A single issue comes with all comments but only the newest hundred changes; bulkfetch cuts both.
_GET_CUT = Cut(comments=None, changes=100)
_BULK_CUT = Cut(comments=100, changes=40)
_BULK_ARGUMENTS = {"issueIdsOrKeys", "fields", "fieldsByKeys", "expand", "properties"}


async def get_issue(call: Call) -> Response:
    """A key from before a move answers the issue with its new key, without a redirect."""
    issue = call.issue()
    names = chosen_fields(call.view, call.request.query_params.getlist("fields") or ["*all"])
    cut = _GET_CUT if call.cloud else None
    return json_response(issue_json(call.view, issue, names, set(call.texts("expand")), cut))


async def bulk_fetch(call: Call) -> Response:
    """What is not there or not visible is simply missing, without a word."""
    body = call.body()
    unknown = set(body) - _BULK_ARGUMENTS
    if unknown:
        raise Refused(400, f'Unrecognized field "{min(unknown)}": the request body is not valid.')
    wanted = as_texts(body.get("issueIdsOrKeys"), "issueIdsOrKeys")
    if not wanted or len(wanted) > _MOST_BULK:
        raise Refused(400, f"issueIdsOrKeys must name between 1 and {_MOST_BULK} issues.")
    if isinstance(body.get("expand"), str):
        raise Refused(400, "The value of 'expand' must be an array here.")
    expand = set(as_texts(body.get("expand"), "expand"))
    names = chosen_fields(call.view, as_texts(body.get("fields"), "fields") or ["*navigable"])
    found: dict[int, Issue] = {}
    for text in wanted:
        issue = call.site.find_issue(text)
        if issue is not None and call.site.sees_issue(call.account, issue):
            found[issue.id] = issue
    shapes = [issue_json(call.view, found[number], names, expand, _BULK_CUT) for number in sorted(found)]
    return json_response({"issues": shapes, "issueErrors": []})


async def changelog(call: Call) -> Response:
    """Oldest first, in pages."""
    issue = call.issue()
    return json_response(bean_page(call, issue.changes, lambda entry: change_json(call.view, entry), 100, 100))


async def changelog_by_ids(call: Call) -> Response:
    issue = call.issue()
    wanted = {str(entry) for entry in call.body().get("changelogIds") or []}
    found = [change_json(call.view, entry) for entry in issue.changes if str(entry.id) in wanted]
    return json_response({"startAt": 0, "maxResults": len(found), "total": len(found), "histories": found})


def _asked_changes(call: Call, body: dict[str, Any]) -> list[tuple[Issue, Change]]:
    wanted = as_texts(body.get("issueIdsOrKeys"), "issueIdsOrKeys")
    fields = set(as_texts(body.get("fieldIds"), "fieldIds"))
    if not wanted or len(wanted) > _MOST_CHANGELOG_ISSUES:
        raise Refused(400, f"issueIdsOrKeys must name between 1 and {_MOST_CHANGELOG_ISSUES} issues.")
    if len(fields) > _MOST_CHANGELOG_FIELDS:
        raise Refused(400, f"At most {_MOST_CHANGELOG_FIELDS} fieldIds may be given.")
    issues: dict[int, Issue] = {}
    for text in wanted:
        issue = call.site.find_issue(text)
        if issue is not None and call.site.sees_issue(call.account, issue):
            issues[issue.id] = issue
    rows = [(issue, change) for issue in issues.values() for change in issue.changes]
    if fields:
        rows = [row for row in rows if fields & {item.field_id for item in row[1].items}]
    return sorted(rows, key=lambda row: (row[0].id, row[1].at, row[1].id))


async def changelog_bulk_fetch(call: Call) -> Response:
    call.login()
    body = call.body()
    rows = _asked_changes(call, body)
    size = min(max(1, as_number(body.get("maxResults"), "maxResults", _CHANGELOG_PAGE)), _MOST_CHANGELOG_PAGE)
    token = body.get("nextPageToken")
    start = 0
    if token is not None:
        if not str(token).isdigit():
            raise Refused(400, "The provided next page token is invalid.")
        start = int(token)
    page: dict[int, list[Json]] = {}
    for issue, change in rows[start : start + size]:
        page.setdefault(issue.id, []).append(change_json(call.view, change))
    shape: Json = {"issueChangeLogs": [{"issueId": str(k), "changeHistories": v} for k, v in page.items()]}
    if start + size < len(rows):
        shape["nextPageToken"] = str(start + size)
    return json_response(shape)


async def get_transitions(call: Call) -> Response:
    return json_response({"expand": "transitions", "transitions": transitions_json(call.view, call.issue())})
