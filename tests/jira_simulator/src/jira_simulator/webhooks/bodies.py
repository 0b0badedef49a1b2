"""A happening in, the body of its webhook out: v2 shapes, different for Cloud and Data Center."""

from jira_simulator.model.issue import Issue, Link
from jira_simulator.shapes.fields import NOT_NAVIGABLE
from jira_simulator.shapes.issue import chosen_fields, fields_json
from jira_simulator.shapes.lists import user_of
from jira_simulator.shapes.parts import attachment_json, comment_json, item_json, worklog_json
from jira_simulator.shapes.view import Json, View
from jira_simulator.write.happening import Happening

_SIX_FIELDS = ["summary", "issuetype", "project", "assignee", "priority", "status"]


def webhook_body(view: View, happening: Happening) -> Json:
    """`view` is version 2 with the account that registered the webhook."""
    body: Json = {"timestamp": happening.at, "webhookEvent": happening.event}
    if happening.event.startswith("jira:issue_"):
        return body | _issue_event(view, happening)
    if happening.comment is not None:
        body["comment"] = comment_json(view, happening.issue, happening.comment)
        if view.site.cloud:
            body["issue"] = _issue(view, happening.issue, _SIX_FIELDS)
            body["eventType"] = "primaryAction"
        return body
    if happening.worklog is not None:
        return body | {"worklog": worklog_json(view, happening.issue, happening.worklog)}
    if happening.attachment is not None:
        return body | {"attachment": attachment_json(view, happening.attachment)}
    if happening.link is not None:
        body["issueLink"] = _link(view, happening.issue, happening.link)
    return body


def _issue_event(view: View, happening: Happening) -> Json:
    body: Json = {
        "issue_event_type_name": happening.kind,
        "user": user_of(view, happening.actor),
        "issue": _issue(view, happening.issue, chosen_fields(view, _event_fields(view))),
    }
    if happening.event == "jira:issue_deleted":
        del body["issue_event_type_name"]
    if happening.change is not None:
        items = [item_json(view, item) for item in happening.change.items]
        body["changelog"] = {"id": str(happening.change.id), "items": items}
    if happening.comment is not None:
        body["comment"] = comment_json(view, happening.issue, happening.comment)
    return body


def _event_fields(view: View) -> list[str]:
    """Cloud leaves comments and worklogs out of the issue; Data Center sends what it has."""
    return ["*navigable", "attachment", "timetracking"] if view.site.cloud else ["*all"]


def _issue(view: View, issue: Issue, names: list[str]) -> Json:
    if len(names) > len(_SIX_FIELDS) and view.site.cloud:
        names = [name for name in names if name not in NOT_NAVIGABLE or name in {"attachment", "timetracking"}]
    return {
        "id": str(issue.id),
        "self": f"{view.api}/issue/{issue.id}",
        "key": issue.key,
        "fields": fields_json(view, issue, names),
    }


def _link(view: View, issue: Issue, link: Link) -> Json:
    """Ids only, as numbers: the keys of both issues have to be looked up."""
    kind = view.site.catalogue.link_types[link.type]
    source, target = (issue.id, link.other) if link.outward else (link.other, issue.id)
    return {
        "id": link.id,
        "sourceIssueId": source,
        "destinationIssueId": target,
        "issueLinkType": {
            "id": int(kind.id),
            "name": kind.name,
            "outwardName": kind.outward,
            "inwardName": kind.inward,
            "isSubTaskLinkType": False,
            "isSystemLinkType": False,
        },
        "systemLink": False,
    }
