"""The control doors under /_sim: change the site as another user would, ask for faults, for the truth, for counters."""

from dataclasses import asdict, replace
from dataclasses import fields as dataclass_fields
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jira_simulator.faults.plan import BadFault, whole
from jira_simulator.http.comments import visibility_of
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.service import Service
from jira_simulator.http.truth import truth_page
from jira_simulator.http.worklogs import seconds_of, started_of
from jira_simulator.model.issue import Issue
from jira_simulator.model.times import utc_time
from jira_simulator.shapes.view import Json
from jira_simulator.write import conversation, issues
from jira_simulator.write.errors import WriteRefused
from jira_simulator.write.values import Intake
from jira_simulator.write.workflow import find_transition, transitions

_EDIT_KEYS = {"fields", "transition", "comment", "worklog"}


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as broken:
        raise Refused(400, f"The body is not JSON: {broken}") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be an object.")
    return body


class Doors:
    """Acts as `site.other_user`, somebody who is neither of the two accounts."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._site = service.site
        self._intake = Intake(service.site, "any", lenient=True)

    def routes(self) -> list[Route]:
        return [
            Route("/_sim/issues", self.truth, methods=["GET"]),
            Route("/_sim/issues", self.create, methods=["POST"]),
            Route("/_sim/issues/{key}/edit", self.edit, methods=["POST"]),
            Route("/_sim/issues/{key}/move", self.move, methods=["POST"]),
            Route("/_sim/issues/{key}/delete", self.delete, methods=["POST"]),
            Route("/_sim/issues/{key}/restrict", self.restrict, methods=["POST"]),
            Route("/_sim/faults", self.schedule, methods=["POST"]),
            Route("/_sim/faults", self.end, methods=["DELETE"]),
            Route("/_sim/stats", self.stats, methods=["GET"]),
            Route("/_sim/oauth", self.oauth, methods=["POST"]),
        ]

    @property
    def _actor(self) -> str:
        return self._site.other_user

    def _issue(self, request: Request) -> Issue:
        found = self._site.find_issue(request.path_params["key"])
        if found is None:
            raise Refused(404, f"There is no issue {request.path_params['key']}.")
        return found

    def _brief(self, number: int) -> Json:
        issue = self._site.issues[number]
        return {"id": str(issue.id), "key": issue.key, "updated": utc_time(issue.updated)}

    async def truth(self, request: Request) -> Response:
        cursor = request.query_params.get("cursor")
        if cursor and not cursor.isdigit():
            raise Refused(400, "The cursor is not one of ours.")
        return json_response(truth_page(self._site, cursor))

    async def create(self, request: Request) -> Response:
        body = await _object(request)
        project = self._site.find_project(str(body.get("project", "")))
        if project is None:
            raise Refused(404, f"There is no project {body.get('project')!r}.")
        made = issues.create_issue(self._service.desk, self._intake, self._actor, project, body.get("fields") or {})
        return json_response(self._brief(made.id), 201)

    async def edit(self, request: Request) -> Response:
        issue, body = self._issue(request), await _object(request)
        unknown = set(body) - _EDIT_KEYS
        if unknown:
            raise Refused(400, f"Unknown: {', '.join(sorted(unknown))}. An edit has {', '.join(sorted(_EDIT_KEYS))}.")
        if body.get("fields"):
            issues.edit_issue(self._service.desk, self._intake, self._actor, issue, body["fields"])
        if body.get("transition") is not None:
            self._transition(self._site.issues[issue.id], body["transition"])
        if body.get("comment") is not None:
            self._comment(self._site.issues[issue.id], body["comment"])
        if body.get("worklog") is not None:
            self._worklog(self._site.issues[issue.id], body["worklog"])
        return json_response(self._brief(issue.id))

    def _transition(self, issue: Issue, wanted: Any) -> None:
        text = str((wanted.get("id") or wanted.get("name")) if isinstance(wanted, dict) else wanted)
        found = find_transition(self._site, issue, text)
        if found is None:
            offered = ", ".join(f"{entry.id} {entry.name}" for entry in transitions(self._site, issue))
            raise Refused(400, f"{issue.key} has no transition {text!r}; it offers {offered}.")
        issues.transition_issue(self._service.desk, self._actor, issue, found)

    def _comment(self, issue: Issue, given: Any) -> None:
        """A text adds; an object with `id` edits that comment, with `delete` removes it."""
        body = given if isinstance(given, dict) and given.get("type") != "doc" else {"body": given}
        desk = self._service.desk
        if "id" not in body:
            text = self._intake.text(body.get("body"))
            if text is None:
                raise Refused(400, "A comment needs a body.")
            conversation.add_comment(desk, self._actor, issue, text, visibility_of(body.get("visibility")))
            return
        found = next((entry for entry in issue.comments if str(entry.id) == str(body["id"])), None)
        if found is None:
            raise Refused(404, f"{issue.key} has no comment {body['id']}.")
        if body.get("delete"):
            conversation.delete_comment(desk, self._actor, issue, found)
            return
        text = self._intake.text(body.get("body")) or found.body
        visibility = visibility_of(body["visibility"]) if "visibility" in body else found.visibility
        conversation.edit_comment(desk, self._actor, issue, found, text, visibility)

    def _worklog(self, issue: Issue, given: Any) -> None:
        """A text is the time spent (`1h 30m`); an object with `id` edits, with `delete` removes."""
        body = given if isinstance(given, dict) else {"timeSpent": given}
        desk = self._service.desk
        comment = self._intake.text(body.get("comment"))
        if "id" not in body:
            started = started_of(body, self._site.now())
            visibility = visibility_of(body.get("visibility"))
            conversation.add_worklog(desk, self._actor, issue, comment, started, seconds_of(body), visibility)
            return
        found = next((entry for entry in issue.worklogs if str(entry.id) == str(body["id"])), None)
        if found is None:
            raise Refused(404, f"{issue.key} has no worklog {body['id']}.")
        if body.get("delete"):
            conversation.delete_worklog(desk, self._actor, issue, found)
            return
        seconds = seconds_of(body) if "timeSpent" in body or "timeSpentSeconds" in body else found.seconds
        edited = replace(
            found, comment=comment or found.comment, seconds=seconds, started=started_of(body, found.started)
        )
        conversation.edit_worklog(desk, self._actor, issue, edited)

    async def move(self, request: Request) -> Response:
        issue, body = self._issue(request), await _object(request)
        project = self._site.find_project(str(body.get("project", "")))
        if project is None:
            raise Refused(404, f"There is no project {body.get('project')!r}.")
        issues.move_issue(self._service.desk, self._actor, issue, project)
        return json_response(self._brief(issue.id))

    async def delete(self, request: Request) -> Response:
        issue = self._issue(request)
        issues.delete_issue(self._service.desk, self._actor, issue)
        return json_response({"id": str(issue.id), "key": issue.key})

    async def restrict(self, request: Request) -> Response:
        issue, body = self._issue(request), await _object(request)
        if set(body) != {"level"}:
            raise Refused(400, "The body is {level}: the name or id of a security level, or null.")
        issues.restrict_issue(self._service.desk, self._intake, self._actor, issue, body["level"])
        return json_response(self._brief(issue.id))

    async def schedule(self, request: Request) -> Response:
        body = await _object(request)
        try:
            lag = whole(body["index_lag_ms"], "index_lag_ms") if "index_lag_ms" in body else None
            self._service.faults.schedule(body)
        except BadFault as refused:
            raise Refused(400, str(refused)) from None
        if lag is not None:
            self._site.index.lag_ms = lag
        return json_response(self._plan())

    def _plan(self) -> Json:
        return self._service.faults.as_json() | {"index_lag_ms": self._site.index.lag_ms}

    async def end(self, _: Request) -> Response:
        """Rules, delays and lag end at once; what the index had not seen yet becomes visible."""
        self._service.faults.clear()
        self._site.index.end_lag()
        return json_response(self._plan())

    async def oauth(self, request: Request) -> Response:
        """Changes what consents, leeways and lives are; `revoke` ends all that was handed out."""
        body, grants = await _object(request), self._service.grants
        if body.pop("revoke", False):
            grants.revoke_all()
        if isinstance(body.get("redirects"), list):
            grants.app = replace(grants.app, redirects=tuple(str(entry) for entry in body.pop("redirects")))
        unknown = set(body) - {entry.name for entry in dataclass_fields(grants.rules)}
        if unknown:
            raise Refused(400, f"Unknown: {', '.join(sorted(unknown))}.")
        grants.rules = replace(grants.rules, **body)
        return json_response(asdict(grants.rules) | {"redirects": list(grants.app.redirects)})

    async def stats(self, _: Request) -> Response:
        self._site.index.catch_up(self._site.now())
        return json_response(self._service.stats.as_json())


def door_error(refused: Exception) -> Response:
    if isinstance(refused, WriteRefused):
        return json_response({"errorMessages": refused.messages, "errors": refused.errors}, refused.status)
    if isinstance(refused, Refused):
        return refused.response()
    if isinstance(refused, ValueError):
        return json_response({"errorMessages": [str(refused)], "errors": {}}, 400)
    raise refused
