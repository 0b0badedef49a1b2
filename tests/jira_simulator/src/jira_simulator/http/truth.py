"""The truth about every issue, whoever may see it: what a perfect mirror would hold."""

import hashlib
from typing import Any

import orjson

from jira_simulator.generate.files import content_of
from jira_simulator.model.issue import Issue
from jira_simulator.model.site import Site
from jira_simulator.model.times import utc_time
from jira_simulator.shapes.view import Json
from jira_simulator.text.document import Text

PAGE = 1000


def truth(site: Site, issue: Issue) -> Json:
    known = site.catalogue
    return {
        "id": str(issue.id),
        "key": issue.key,
        "summary": issue.summary,
        "status": known.statuses[issue.status].name,
        "assignee": issue.assignee,
        "labels": list(issue.labels),
        "created": utc_time(issue.created),
        "updated": utc_time(issue.updated),
        "security": known.levels[issue.security].name if issue.security else None,
        "comments": [str(entry.id) for entry in issue.comments],
        "worklogs": [str(entry.id) for entry in issue.worklogs],
        "changes": len(issue.changes),
        "digest": digest(site, issue),
    }


def digest(site: Site, issue: Issue) -> str:
    """SHA-256 over the JSON with sorted keys of everything a mirror keeps; texts in the form of REST v2."""
    return hashlib.sha256(orjson.dumps(mirrored_content(site, issue), option=orjson.OPT_SORT_KEYS)).hexdigest()


def mirrored_content(site: Site, issue: Issue) -> Json:
    return {
        "id": issue.id,
        "key": issue.key,
        "project": site.projects[issue.project].key,
        "type": issue.type,
        "summary": issue.summary,
        "status": issue.status,
        "priority": issue.priority,
        "resolution": issue.resolution,
        "people": [issue.creator, issue.reporter, issue.assignee],
        "times": [issue.created, issue.updated, issue.resolved],
        "due": issue.due,
        "labels": issue.labels,
        "components": issue.components,
        "versions": [issue.fix_versions, issue.affects_versions],
        "parent": issue.parent,
        "security": issue.security,
        "texts": [_plain(site, issue.description), _plain(site, issue.environment)],
        "estimates": [issue.original_estimate, issue.remaining, issue.spent],
        "custom": {name: _plain(site, value) for name, value in issue.custom.items()},
        "comments": [
            [c.id, c.author, _plain(site, c.body), c.created, c.updated, c.visibility and c.visibility.value]
            for c in issue.comments
        ],
        "worklogs": [
            [w.id, w.author, _plain(site, w.comment), w.started, w.seconds, w.visibility and w.visibility.value]
            for w in issue.worklogs
        ],
        "changes": [
            [c.id, c.author, c.at, [[i.field, i.before, i.before_text, i.after, i.after_text] for i in c.items]]
            for c in issue.changes
        ],
        "attachments": [[a.id, a.name, a.media_type, len(content_of(site, a))] for a in issue.attachments],
        "links": [[entry.id, entry.type, entry.other, entry.outward] for entry in issue.links],
    }


def _plain(site: Site, value: Any) -> Any:
    return value.wiki(cloud=site.cloud) if isinstance(value, Text) else value


def truth_page(site: Site, cursor: str | None) -> Json:
    """In the order of ids; the cursor is the last id given out."""
    after = int(cursor) if cursor else 0
    numbers = sorted(number for number in site.issues if number > after)
    page = numbers[:PAGE]
    following = str(page[-1]) if len(numbers) > PAGE else None
    return {"items": [truth(site, site.issues[number]) for number in page], "next_cursor": following}
