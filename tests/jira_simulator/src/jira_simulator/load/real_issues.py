"""JSON lines of real issues (REST v2 shape) in, a site out; what the export lacks is made up by rule."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from jira_simulator.load.link_ends import End, linked
from jira_simulator.load.real_history import with_history
from jira_simulator.load.real_lists import Lists
from jira_simulator.model.issue import Attachment, Comment, Issue
from jira_simulator.model.records import Personality
from jira_simulator.model.site import Site
from jira_simulator.model.times import parse_time
from jira_simulator.text.document import WikiText

_FIRST_MADE_UP = 3_000_000_000


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as lines:
        for line in lines:
            if line.strip():
                yield orjson.loads(line)


def load_real_issues(personality: Personality, base_url: str, path: Path, seed: int) -> Site:
    lists = Lists(personality)
    issues: list[Issue] = []
    ends: list[End] = []
    for raw in _lines(path):
        issues.append(_issue(lists, raw))
        ends.extend(_ends(lists, raw))
    site = Site(personality, base_url, lists.catalogue, seed=seed)
    site.users, site.projects = lists.users, lists.finished_projects()
    site.other_user = next(iter(lists.users), "")
    number = _FIRST_MADE_UP
    finished = []
    for issue in linked(sorted(issues, key=lambda entry: entry.id), ends):
        aged, number = with_history(site, issue, number)
        finished.append(aged)
    site.load(finished)
    return site


def _time(text: str | None) -> int | None:
    return None if not text else parse_time(text)


def _issue(lists: Lists, raw: dict[str, Any]) -> Issue:
    fields = raw["fields"]
    creator = lists.user(fields.get("creator")) or lists.user(fields.get("reporter")) or lists.nobody()
    project = lists.project(fields["project"])
    sprints = lists.sprints([*(fields.get("closedSprints") or []), fields.get("sprint")])
    return Issue(
        id=int(raw["id"]),
        key=raw["key"],
        project=project,
        type=lists.type(fields["issuetype"]),
        summary=fields["summary"],
        status=lists.status(fields["status"]),
        creator=creator,
        created=parse_time(fields["created"]),
        updated=parse_time(fields["updated"]),
        reporter=lists.user(fields.get("reporter")),
        assignee=lists.user(fields.get("assignee")),
        priority=lists.named("priorities", fields.get("priority")),
        resolution=lists.named("resolutions", fields.get("resolution")),
        resolved=_time(fields.get("resolutiondate")),
        labels=tuple(fields.get("labels") or ()),
        components=lists.components(project, fields.get("components")),
        fix_versions=lists.versions(project, fields.get("fixVersions")),
        affects_versions=lists.versions(project, fields.get("versions")),
        parent=int(fields["parent"]["id"]) if fields.get("parent") else None,
        description=WikiText(fields["description"]) if fields.get("description") else None,
        environment=WikiText(fields["environment"]) if fields.get("environment") else None,
        custom={lists.sprint_field: sprints} if sprints else {},
        comments=tuple(_comment(lists, entry, creator) for entry in (fields.get("comment") or {}).get("comments", ())),
        attachments=tuple(_attachment(lists, entry, creator) for entry in fields.get("attachment") or ()),
        watchers=(creator,),
    )


def _comment(lists: Lists, raw: dict[str, Any], default: str) -> Comment:
    author = lists.user(raw.get("author")) or default
    return Comment(
        id=int(raw["id"]),
        author=author,
        body=WikiText(raw.get("body") or ""),
        created=parse_time(raw["created"]),
        updated=parse_time(raw["updated"]),
        updater=lists.user(raw.get("updateAuthor")) or author,
    )


def _attachment(lists: Lists, raw: dict[str, Any], default: str) -> Attachment:
    """The bytes are not in the export: a picture or a text of our own stands in, and `size` says its size."""
    media_type = raw.get("mimeType") or "application/octet-stream"
    kind = "png" if media_type.startswith("image/") else "pdf" if media_type == "application/pdf" else "txt"
    return Attachment(
        id=int(raw["id"]),
        name=raw["filename"],
        author=lists.user(raw.get("author")) or default,
        created=parse_time(raw["created"]),
        media_type="image/png" if kind == "png" else media_type,
        source=f"{kind}:{int(raw['id']) % 12}",
    )


def _ends(lists: Lists, raw: dict[str, Any]) -> Iterator[End]:
    for link in raw["fields"].get("issuelinks") or ():
        outward = "outwardIssue" in link
        other = link["outwardIssue" if outward else "inwardIssue"]
        yield int(raw["id"]), lists.link_type(link["type"]), int(other["id"]), outward
