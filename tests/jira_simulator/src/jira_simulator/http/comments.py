"""Comments of an issue over REST: pages, one, add, edit, delete, and many by id."""

from typing import Any

from starlette.responses import Response

from jira_simulator.http.call import Call, as_texts
from jira_simulator.http.errors import Refused, json_response
from jira_simulator.http.pages import asked_page, bean_page
from jira_simulator.model.issue import Comment, Issue, Visibility
from jira_simulator.shapes.parts import comment_json
from jira_simulator.write.conversation import add_comment, delete_comment, edit_comment

_CLOUD_PAGE, _MOST = 100, 5000


async def comments(call: Call) -> Response:
    """Cloud pages by a hundred; Data Center gives all unless asked otherwise."""
    issue = call.issue()
    shown = call.site.visible_comments(call.account, issue)
    if call.text("orderBy") in {"-created", "+created", "created"}:
        shown.sort(key=lambda entry: entry.created, reverse=call.text("orderBy") == "-created")
    elif call.text("orderBy"):
        raise Refused(400, f"The value '{call.text('orderBy')}' for orderBy is not valid.")
    start, size = asked_page(call, _CLOUD_PAGE if call.cloud else max(_MOST, len(shown)), _MOST)
    rendered = "renderedBody" in call.texts("expand")
    page = [comment_json(call.view, issue, entry, rendered=rendered) for entry in shown[start : start + size]]
    return json_response({"startAt": start, "maxResults": size, "total": len(shown), "comments": page})


def _found(call: Call) -> tuple[Issue, Comment]:
    issue = call.issue()
    for comment in call.site.visible_comments(call.account, issue):
        if str(comment.id) == call.path("id"):
            return issue, comment
    raise Refused(404, f"Can not find a comment for the id: {call.path('id')}.")


async def comment(call: Call) -> Response:
    issue, found = _found(call)
    rendered = "renderedBody" in call.texts("expand")
    return json_response(comment_json(call.view, issue, found, rendered=rendered))


def visibility_of(value: Any) -> Visibility | None:
    if value is None:
        return None
    name = value.get("value") or value.get("identifier") if isinstance(value, dict) else None
    if not name or value.get("type") not in {"role", "group"}:
        raise Refused(400, errors={"visibility": "A visibility has a type (role or group) and a value."})
    return Visibility(value["type"], str(name))


async def create_comment(call: Call) -> Response:
    call.login()
    issue, body = call.issue(), call.body()
    text = call.document(body.get("body"), "comment")
    made = add_comment(call.service.desk, call.actor, issue, text, visibility_of(body.get("visibility")))
    return json_response(comment_json(call.view, issue, made), 201)


async def update_comment(call: Call) -> Response:
    call.login()
    issue, found = _found(call)
    body = call.body()
    text = call.document(body.get("body"), "comment")
    visibility = visibility_of(body["visibility"]) if "visibility" in body else found.visibility
    edited = edit_comment(call.service.desk, call.actor, issue, found, text, visibility)
    return json_response(comment_json(call.view, issue, edited))


async def remove_comment(call: Call) -> Response:
    call.login()
    issue, found = _found(call)
    delete_comment(call.service.desk, call.actor, issue, found)
    return Response(status_code=204)


async def comments_by_id(call: Call) -> Response:
    wanted = set(as_texts(call.body().get("ids"), "ids"))
    if not 0 < len(wanted) <= 1000:
        raise Refused(400, "ids must name between 1 and 1000 comments.")
    found = [
        (issue, entry)
        for issue in call.site.issues.values()
        if call.site.sees_issue(call.account, issue)
        for entry in call.site.visible_comments(call.account, issue)
        if str(entry.id) in wanted
    ]
    return json_response(bean_page(call, found, lambda pair: comment_json(call.view, *pair), 50, 1000))
