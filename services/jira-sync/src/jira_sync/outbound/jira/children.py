"""Completes an issue: comments, worklogs and changelog that a list cut short are read to their end."""

import asyncio
from datetime import datetime
from typing import Any

from jira_sync.domain.snapshot import RawIssue
from jira_sync.outbound.jira.errors import DoorMissing, JiraForbidden, JiraRejected
from jira_sync.outbound.jira.http_jira import HttpJira
from jira_sync.outbound.jira.interface import JsonObject

_PAGE = 100
_WORKLOGS = 5000
#: Histories by issue id, read elsewhere; None where they could not be.
Histories = dict[int, list[JsonObject]]


async def completed(
    http: HttpJira, api: str, issue: JsonObject, observed_at: datetime, history: list[JsonObject] | None
) -> RawIssue:
    """An issue with all of its children. What its own parts hold whole is not asked for again."""
    fields = issue["fields"]
    base = f"{api}/issue/{issue['id']}"
    comments, worklogs = await asyncio.gather(
        _whole(http, f"{base}/comment", "comments", fields.pop("comment", None), _PAGE),
        _whole(http, f"{base}/worklog", "worklogs", fields.pop("worklog", None), _WORKLOGS),
    )
    changelog = issue.pop("changelog", None)
    if history is None and changelog is not None and not is_short(changelog, "histories"):
        history = changelog["histories"]
    return RawIssue(issue, observed_at, comments, worklogs, history)


def is_short(part: JsonObject, name: str) -> bool:
    """Whether a part says that there is more than it holds."""
    return int(part.get("total") or 0) > len(part.get(name) or ())


async def _whole(http: HttpJira, path: str, name: str, part: Any, page: int) -> list[JsonObject] | None:
    """All entries; None when this account may not read them, which is a gap and no reason to stop."""
    if isinstance(part, dict) and not is_short(part, name) and isinstance(part.get(name), list):
        return list(part[name])
    try:
        return await pages(http, path, name, page)
    except (DoorMissing, JiraForbidden, JiraRejected):
        return None


async def pages(http: HttpJira, path: str, name: str, page: int, **params: Any) -> list[JsonObject]:
    """All entries of a list that is paged by offset: it ends where Jira says so, or with an empty page."""
    found: dict[str, JsonObject] = {}
    start = 0
    while True:
        answer = await http.get(path, startAt=start, maxResults=page, **params)
        entries = answer if isinstance(answer, list) else answer.get(name) or []
        found |= {str(entry.get("id") or entry.get("accountId") or entry.get("key")): entry for entry in entries}
        start += len(entries)
        if not entries or _is_last(answer, start, page):
            return list(found.values())


def _is_last(answer: Any, read: int, page: int) -> bool:
    if isinstance(answer, list):
        return read < page or read % page != 0
    if "isLast" in answer:
        return bool(answer["isLast"])
    return read >= int(answer.get("total") or 0)
