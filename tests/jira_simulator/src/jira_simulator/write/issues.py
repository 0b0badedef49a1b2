"""Create, edit, transition, move, restrict and delete an issue as a Jira user does it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jira_simulator.model.issue import Issue
from jira_simulator.model.records import Project
from jira_simulator.write.desk import Desk
from jira_simulator.write.errors import WriteRefused
from jira_simulator.write.happening import Happening
from jira_simulator.write.values import Intake, with_fields
from jira_simulator.write.workflow import CLASSIC_STATUSES, Transition, entering


def create_issue(desk: Desk, intake: Intake, actor: str, project: Project, fields: Mapping[str, Any]) -> Issue:
    site = desk.site
    given = {name: value for name, value in fields.items() if name not in {"project", "issuetype"}}
    type_id = _type_for(intake, project, fields)
    if "summary" not in given:
        raise WriteRefused(errors={"summary": "You must specify a summary of the issue."})
    if site.catalogue.types[type_id].subtask and "parent" not in given:
        raise WriteRefused(errors={"parent": "Issue type is a sub-task but parent issue key or id not specified."})
    now = site.now()
    priorities = list(site.catalogue.priorities)
    draft = Issue(
        id=0,
        key=f"{project.key}-0",
        project=project.id,
        type=type_id,
        summary="",
        status=_first_status(desk, project),
        creator=actor,
        created=now,
        updated=now,
        reporter=actor,
        priority=priorities[len(priorities) // 2] if priorities else None,
        watchers=(actor,),
    )
    filled = with_fields(intake, draft, given)
    issue = replace(filled, id=site.next_id(), key=site.next_key(project))
    site.put(issue, now)
    desk.tell(Happening("jira:issue_created", now, actor, issue, kind="issue_created"))
    return issue


def _type_for(intake: Intake, project: Project, fields: Mapping[str, Any]) -> str:
    types = intake.site.catalogue.types
    if "issuetype" not in fields:
        if not intake.lenient:
            raise WriteRefused(errors={"issuetype": "Specify an issue type"})
        return next(entry.id for entry in types.values() if entry.level == 0)
    try:
        chosen = intake.named(types, fields["issuetype"], "issue type")
    except ValueError as refused:
        raise WriteRefused(errors={"issuetype": str(refused)}) from None
    if chosen is None or (project.types and chosen not in project.types):
        raise WriteRefused(errors={"issuetype": "The issue type selected is invalid."})
    return chosen


def _first_status(desk: Desk, project: Project) -> str:
    statuses = desk.site.catalogue.statuses
    wanted = CLASSIC_STATUSES[0] if project.type_key == "business" else "10000"
    if wanted in statuses:
        return wanted
    return next((entry.id for entry in statuses.values() if entry.category == "new"), next(iter(statuses)))


def edit_issue(desk: Desk, intake: Intake, actor: str, issue: Issue, fields: Mapping[str, Any]) -> Issue:
    changed = with_fields(intake, issue, fields)
    kind = "issue_assigned" if set(fields) == {"assignee"} else "issue_updated"
    return desk.commit(actor, issue, changed, kind)[0]


def transition_issue(desk: Desk, actor: str, issue: Issue, transition: Transition, also: Issue | None = None) -> Issue:
    """`also` is the issue with the fields of the transition's screen already set."""
    changed = entering(desk.site, also or issue, transition.to, desk.site.now())
    kind = {"Resolved": "issue_resolved", "Closed": "issue_closed", "Reopened": "issue_reopened"}.get(
        transition.to.name, "issue_generic"
    )
    return desk.commit(actor, issue, changed, kind)[0]


def move_issue(desk: Desk, actor: str, issue: Issue, project: Project) -> Issue:
    """The id stays, the key changes; values that belong to the old project are lost."""
    if project.id == issue.project:
        raise WriteRefused(f"The issue is already in project {project.key}.")
    site = desk.site
    status = issue.status
    if project.type_key != site.projects[issue.project].type_key:
        status = _first_status(desk, project)
    moved = replace(
        issue,
        key=site.next_key(project),
        project=project.id,
        status=status,
        resolution=issue.resolution if status == issue.status else None,
        resolved=issue.resolved if status == issue.status else None,
        components=(),
        fix_versions=(),
        affects_versions=(),
    )
    stored = desk.commit(actor, issue, moved, "issue_moved")[0]
    for child_id in list(site.children.get(issue.id, ())):
        child = site.issues[child_id]
        if site.catalogue.types[child.type].subtask and child.project != project.id:
            move_issue(desk, actor, child, project)
    return stored


def restrict_issue(desk: Desk, intake: Intake, actor: str, issue: Issue, level: Any) -> Issue:
    return edit_issue(desk, intake, actor, issue, {"security": level})


def delete_issue(desk: Desk, actor: str, issue: Issue, *, with_children: bool = True) -> None:
    site = desk.site
    children = [site.issues[child] for child in site.children.get(issue.id, ())]
    subtasks = [child for child in children if site.catalogue.types[child.type].subtask]
    if subtasks and not with_children:
        raise WriteRefused(
            f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete "
            "this issue and all its subtasks."
        )
    for child in subtasks:
        delete_issue(desk, actor, child)
    for child in children:
        if child.id in site.issues:
            desk.commit(actor, site.issues[child.id], replace(site.issues[child.id], parent=None))
    now = site.now()
    for link in issue.links:
        _drop_other_end(desk, actor, link.other, link.id)
    site.remove(issue, now)
    desk.tell(Happening("jira:issue_deleted", now, actor, issue, kind="issue_deleted"))
    _tell_fallout(desk, actor, issue, now)


def _drop_other_end(desk: Desk, actor: str, other_id: int, link_id: int) -> None:
    other = desk.site.issues.get(other_id)
    if other is not None:
        kept = tuple(entry for entry in other.links if entry.id != link_id)
        desk.commit(actor, other, replace(other, links=kept))


def _tell_fallout(desk: Desk, actor: str, issue: Issue, now: int) -> None:
    for comment in issue.comments:
        desk.tell(Happening("comment_deleted", now, actor, issue, comment=comment, secondary=True))
    for attachment in issue.attachments:
        desk.tell(Happening("attachment_deleted", now, actor, issue, attachment=attachment, secondary=True))
    for worklog in issue.worklogs:
        desk.tell(Happening("worklog_deleted", now, actor, issue, worklog=worklog, secondary=True))
    for link in issue.links:
        desk.tell(Happening("issuelink_deleted", now, actor, issue, link=link, secondary=True))
