"""Comments, worklogs, attachments and links of an issue: add, edit, delete."""

from dataclasses import replace

from jira_simulator.model.issue import Attachment, Comment, Issue, Link, Visibility, Worklog
from jira_simulator.text.document import Text
from jira_simulator.write.desk import Desk
from jira_simulator.write.happening import Happening


def _touch(desk: Desk, issue: Issue, new: Issue) -> Issue:
    """A comment leaves no history in Jira, but `updated` moves."""
    at = max(desk.site.now(), issue.updated)
    stored = replace(new, updated=at)
    desk.site.put(stored, at)
    return stored


def _tell_comment(desk: Desk, event: str, kind: str, actor: str, issue: Issue, comment: Comment) -> None:
    desk.tell(Happening(event, issue.updated, actor, issue, comment=comment))
    if not desk.site.cloud:
        desk.tell(Happening("jira:issue_updated", issue.updated, actor, issue, kind=kind, comment=comment))


def add_comment(desk: Desk, actor: str, issue: Issue, body: Text, visibility: Visibility | None = None) -> Comment:
    at = max(desk.site.now(), issue.updated)
    comment = Comment(desk.site.next_id(), actor, body, at, at, actor, visibility)
    stored = _touch(desk, issue, replace(issue, comments=(*issue.comments, comment)))
    _tell_comment(desk, "comment_created", "issue_commented", actor, stored, comment)
    return comment


def edit_comment(
    desk: Desk, actor: str, issue: Issue, comment: Comment, body: Text, visibility: Visibility | None
) -> Comment:
    edited = replace(
        comment, body=body, visibility=visibility, updater=actor, updated=max(desk.site.now(), comment.updated)
    )
    comments = tuple(edited if entry.id == comment.id else entry for entry in issue.comments)
    stored = _touch(desk, issue, replace(issue, comments=comments))
    _tell_comment(desk, "comment_updated", "issue_comment_edited", actor, stored, edited)
    return edited


def delete_comment(desk: Desk, actor: str, issue: Issue, comment: Comment) -> None:
    kept = tuple(entry for entry in issue.comments if entry.id != comment.id)
    stored = _touch(desk, issue, replace(issue, comments=kept))
    _tell_comment(desk, "comment_deleted", "issue_comment_deleted", actor, stored, comment)


def add_worklog(
    desk: Desk,
    actor: str,
    issue: Issue,
    comment: Text | None,
    started: int,
    seconds: int,
    visibility: Visibility | None = None,
) -> Worklog:
    now = max(desk.site.now(), issue.updated)
    worklog = Worklog(desk.site.next_id(), actor, comment, started, seconds, now, now, visibility)
    remaining = None if issue.remaining is None else max(0, issue.remaining - seconds)
    changed = replace(issue, worklogs=(*issue.worklogs, worklog), remaining=remaining)
    stored, _ = desk.commit(actor, issue, changed, "issue_worklog_added")
    desk.tell(Happening("worklog_created", now, actor, stored, worklog=worklog))
    return worklog


def edit_worklog(desk: Desk, actor: str, issue: Issue, edited: Worklog) -> Worklog:
    edited = replace(edited, updated=max(desk.site.now(), edited.updated))
    worklogs = tuple(edited if entry.id == edited.id else entry for entry in issue.worklogs)
    stored, _ = desk.commit(actor, issue, replace(issue, worklogs=worklogs), "issue_worklog_updated")
    desk.tell(Happening("worklog_updated", edited.updated, actor, stored, worklog=edited))
    return edited


def delete_worklog(desk: Desk, actor: str, issue: Issue, worklog: Worklog) -> None:
    kept = tuple(entry for entry in issue.worklogs if entry.id != worklog.id)
    now = desk.site.now()
    stored, _ = desk.commit(actor, issue, replace(issue, worklogs=kept), "issue_worklog_deleted")
    desk.site.worklog_owner.pop(worklog.id, None)
    desk.site.deleted_worklogs[worklog.id] = now
    desk.tell(Happening("worklog_deleted", now, actor, stored, worklog=worklog))


def add_attachment(desk: Desk, actor: str, issue: Issue, name: str, media_type: str, content: bytes) -> Attachment:
    now = desk.site.now()
    number = desk.site.next_id()
    attachment = Attachment(number, name, actor, now, media_type, f"upload:{number}")
    desk.site.uploads[attachment.source] = content
    stored, _ = desk.commit(actor, issue, replace(issue, attachments=(*issue.attachments, attachment)))
    desk.tell(Happening("attachment_created", now, actor, stored, attachment=attachment))
    return attachment


def delete_attachment(desk: Desk, actor: str, issue: Issue, attachment: Attachment) -> None:
    kept = tuple(entry for entry in issue.attachments if entry.id != attachment.id)
    stored, _ = desk.commit(actor, issue, replace(issue, attachments=kept))
    desk.site.attachment_owner.pop(attachment.id, None)
    desk.tell(Happening("attachment_deleted", stored.updated, actor, stored, attachment=attachment))


def link_issues(desk: Desk, actor: str, source: Issue, target: Issue, link_type: str) -> Link:
    number = desk.site.next_id()
    link = Link(number, link_type, target.id, outward=True)
    stored, _ = desk.commit(actor, source, replace(source, links=(*source.links, link)))
    back = Link(number, link_type, source.id, outward=False)
    desk.commit(actor, target, replace(target, links=(*target.links, back)))
    desk.tell(Happening("issuelink_created", stored.updated, actor, stored, link=link))
    return link


def unlink_issues(desk: Desk, actor: str, source: Issue, link: Link) -> None:
    stored, _ = desk.commit(actor, source, replace(source, links=tuple(e for e in source.links if e.id != link.id)))
    other = desk.site.issues.get(link.other)
    if other is not None:
        desk.commit(actor, other, replace(other, links=tuple(e for e in other.links if e.id != link.id)))
    desk.tell(Happening("issuelink_deleted", stored.updated, actor, stored, link=link))
