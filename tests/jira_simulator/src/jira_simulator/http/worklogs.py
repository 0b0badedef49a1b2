"""Worklogs over REST: of an issue, changed and deleted since a moment, many by id."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from jira_simulator.http.call import Call, as_texts
from jira_simulator.http.comments import visibility_of
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import asked_page
from jira_simulator.model.issue import Issue, Worklog
from jira_simulator.model.times import parse_duration, parse_time
from jira_simulator.shapes.parts import worklog_json
from jira_simulator.write.conversation import add_worklog, delete_worklog, edit_worklog

_PAGE, _FEED_PAGE = 5000, 1000
_NOT_YET_MS = 60_000


async def worklogs(call: Call) -> Response:
    issue = call.issue()
    after, before = call.number_or("startedAfter", -1), call.number_or("startedBefore", 2**62)
    visible = call.site.visible_worklogs(call.account, issue)
    shown = [entry for entry in visible if after < entry.started < before]
    start, size = asked_page(call, _PAGE, _PAGE)
    page = [worklog_json(call.view, issue, entry) for entry in shown[start : start + size]]
    return json_response({"startAt": start, "maxResults": size, "total": len(shown), "worklogs": page})


def _found(call: Call) -> tuple[Issue, Worklog]:
    issue = call.issue()
    for worklog in call.site.visible_worklogs(call.account, issue):
        if str(worklog.id) == call.path("id"):
            return issue, worklog
    raise Refused(404, f"Cannot find worklog with id: '{call.path('id')}'.")


async def worklog(call: Call) -> Response:
    return json_response(worklog_json(call.view, *_found(call)))


def seconds_of(body: dict[str, Any]) -> int:
    if isinstance(body.get("timeSpentSeconds"), int) and body["timeSpentSeconds"] > 0:
        return int(body["timeSpentSeconds"])
    try:
        seconds = parse_duration(str(body.get("timeSpent", "")))
    except ValueError:
        seconds = 0
    if seconds <= 0:
        raise Refused(400, errors={"timeLogged": "Invalid time duration entered."})
    return seconds


def started_of(body: dict[str, Any], default: int) -> int:
    if body.get("started") is None:
        return default
    try:
        return parse_time(str(body["started"]))
    except ValueError as broken:
        raise Refused(400, errors={"started": str(broken)}) from None


async def create_worklog(call: Call) -> Response:
    call.login()
    issue, body = call.issue(), call.body()
    comment = call.document(body["comment"], "comment") if body.get("comment") else None
    started = started_of(body, call.site.now())
    visibility = visibility_of(body.get("visibility"))
    made = add_worklog(call.service.desk, call.actor, issue, comment, started, seconds_of(body), visibility)
    return json_response(worklog_json(call.view, issue, made), 201)


async def update_worklog(call: Call) -> Response:
    call.login()
    issue, found = _found(call)
    body = call.body()
    edited = replace(
        found,
        comment=call.document(body["comment"], "comment") if body.get("comment") else found.comment,
        started=started_of(body, found.started),
        seconds=seconds_of(body) if "timeSpent" in body or "timeSpentSeconds" in body else found.seconds,
    )
    stored = edit_worklog(call.service.desk, call.actor, issue, edited)
    return json_response(worklog_json(call.view, issue, stored))


async def remove_worklog(call: Call) -> Response:
    call.login()
    issue, found = _found(call)
    delete_worklog(call.service.desk, call.actor, issue, found)
    return Response(status_code=204)


def _feed(call: Call, path: str, changed: Iterable[tuple[int, int]]) -> Response:
    """Ids by the moment of their change; the last minute is left out, as in Jira."""
    call.login()
    since = call.number_or("since", 0)
    settled = call.site.now() - _NOT_YET_MS
    rows = sorted((at, number) for at, number in changed if since <= at <= settled)
    page = rows[:_FEED_PAGE]
    until = page[-1][0] if page else since
    shape: dict[str, Any] = {
        "values": [{"worklogId": number, "updatedTime": at, "properties": []} for at, number in page],
        "since": since,
        "until": until,
        "self": f"{call.view.api}/worklog/{path}?since={since}",
        "lastPage": len(rows) <= _FEED_PAGE,
    }
    if not shape["lastPage"]:
        shape["nextPage"] = f"{call.view.api}/worklog/{path}?since={until}"
    return json_response(shape)


async def updated_worklogs(call: Call) -> Response:
    issues = [issue for issue in call.site.issues.values() if issue.worklogs]
    shown = [issue for issue in issues if call.site.sees_issue(call.account, issue)]
    return _feed(call, "updated", ((entry.updated, entry.id) for issue in shown for entry in issue.worklogs))


async def deleted_worklogs(call: Call) -> Response:
    return _feed(call, "deleted", ((at, number) for number, at in call.site.deleted_worklogs.items()))


def _sees(call: Call, issue: Issue, entry: Worklog) -> bool:
    return call.site.sees_issue(call.account, issue) and entry in call.site.visible_worklogs(call.account, issue)


async def worklogs_by_id(call: Call) -> Response:
    call.login()
    wanted = as_texts(call.body().get("ids"), "ids")
    if len(wanted) > _FEED_PAGE or not all(text.isdigit() for text in wanted):
        raise Refused(400, f"ids takes at most {_FEED_PAGE} numbers.")
    found = (call.site.find_worklog(int(text)) for text in wanted)
    shown = [pair for pair in found if pair is not None and _sees(call, *pair)]
    return json_response([worklog_json(call.view, issue, entry) for issue, entry in shown])
