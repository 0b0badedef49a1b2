"""The JSON of what hangs on an issue: comments, worklogs, history, attachments, links."""

from jira_simulator.generate.files import content_of
from jira_simulator.model.issue import Attachment, Change, ChangeItem, Comment, Issue, Link, Worklog
from jira_simulator.model.times import duration_text
from jira_simulator.shapes.lists import (
    link_type_json,
    priority_json,
    status_json,
    type_json,
    user_of,
)
from jira_simulator.shapes.view import Json, View


def comment_json(view: View, issue: Issue, comment: Comment, *, rendered: bool = False) -> Json:
    shape: Json = {
        "self": f"{view.api}/issue/{issue.id}/comment/{comment.id}",
        "id": str(comment.id),
        "author": user_of(view, comment.author),
        "body": view.text(comment.body),
        "updateAuthor": user_of(view, comment.updater),
        "created": view.time(comment.created),
        "updated": view.time(comment.updated),
    }
    if view.site.cloud:
        shape["jsdPublic"] = True
    if comment.visibility is not None:
        shape["visibility"] = {"type": comment.visibility.kind, "value": comment.visibility.value}
    if rendered:
        shape["renderedBody"] = comment.body.html()
    return shape


def worklog_json(view: View, issue: Issue, worklog: Worklog) -> Json:
    shape: Json = {
        "self": f"{view.api}/issue/{issue.id}/worklog/{worklog.id}",
        "author": user_of(view, worklog.author),
        "updateAuthor": user_of(view, worklog.author),
        "created": view.time(worklog.created),
        "updated": view.time(worklog.updated),
        "started": view.time(worklog.started),
        "timeSpent": duration_text(worklog.seconds),
        "timeSpentSeconds": worklog.seconds,
        "id": str(worklog.id),
        "issueId": str(issue.id),
    }
    if worklog.visibility is not None:
        shape["visibility"] = {"type": worklog.visibility.kind, "value": worklog.visibility.value}
    if worklog.comment is not None:
        shape["comment"] = view.text(worklog.comment)
    return shape


def item_json(view: View, item: ChangeItem) -> Json:
    shape: Json = {"field": item.field, "fieldtype": item.field_type}
    if view.site.cloud and item.field_id is not None:
        shape["fieldId"] = item.field_id
    return shape | {
        "from": item.before,
        "fromString": item.before_text,
        "to": item.after,
        "toString": item.after_text,
    }


def change_json(view: View, change: Change) -> Json:
    return {
        "id": str(change.id),
        "author": user_of(view, change.author),
        "created": view.time(change.at),
        "items": [item_json(view, item) for item in change.items],
    }


def attachment_json(view: View, attachment: Attachment) -> Json:
    """Cloud serves the bytes through a redirect, Data Center under /secure/attachment."""
    site = view.site
    content = f"{site.base_url}/secure/attachment/{attachment.id}/{attachment.name}"
    thumbnail = f"{site.base_url}/secure/thumbnail/{attachment.id}/{attachment.name}"
    if site.cloud:
        content = f"{view.api}/attachment/content/{attachment.id}"
        thumbnail = f"{view.api}/attachment/thumbnail/{attachment.id}"
    shape: Json = {
        "self": f"{view.api}/attachment/{attachment.id}",
        "id": str(attachment.id),
        "filename": attachment.name,
        "author": user_of(view, attachment.author),
        "created": view.time(attachment.created),
        "size": len(content_of(site, attachment)),
        "mimeType": attachment.media_type,
        "content": content,
    }
    if attachment.media_type.startswith("image/"):
        shape["thumbnail"] = thumbnail
    return shape


def issue_ref_json(view: View, issue: Issue) -> Json:
    """How an issue stands inside another one: as parent, sub-task or link."""
    known = view.site.catalogue
    fields: Json = {
        "summary": issue.summary,
        "status": status_json(view, known.statuses[issue.status]),
        "issuetype": type_json(view, known.types[issue.type]),
    }
    if issue.priority is not None:
        fields["priority"] = priority_json(view, known.priorities[issue.priority])
    return {"id": str(issue.id), "key": issue.key, "self": f"{view.api}/issue/{issue.id}", "fields": fields}


def link_json(view: View, link: Link) -> Json | None:
    """None when the other end is gone or hidden from who asks."""
    other = view.site.issues.get(link.other)
    if other is None or not view.site.sees_issue(view.account, other):
        return None
    return {
        "id": str(link.id),
        "self": f"{view.api}/issueLink/{link.id}",
        "type": link_type_json(view, view.site.catalogue.link_types[link.type]),
        "outwardIssue" if link.outward else "inwardIssue": issue_ref_json(view, other),
    }
