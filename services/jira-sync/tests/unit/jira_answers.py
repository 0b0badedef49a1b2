"""Issues as Jira Cloud (v3) and Data Center (v2) answer them, made for the tests."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from common.ids import ConnectionId, TenantId
from jira_sync.domain.snapshot import FieldInfo, RawIssue, Site, SiteLists

TENANT = TenantId(UUID(int=1))
SITE = Site(TENANT, ConnectionId(UUID(int=2)), "https://jira.example.com", "https://jira.example.com")
LISTS = SiteLists(
    fields={
        "customfield_10020": FieldInfo("Sprint", "array of json", "gh-sprint"),
        "customfield_10030": FieldInfo("Severity", "option", "select"),
        "customfield_10019": FieldInfo("Rank", "any", "gh-lexo-rank"),
    },
    priority_ranks={"1": 1, "3": 3},
)
OBSERVED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

ANN = {
    "accountId": "5b10a2844c20165700ede21g",
    "displayName": "Анна Petrova",
    "avatarUrls": {"48x48": "https://jira.example.com/ann.png"},
    "active": True,
    "timeZone": "Europe/Moscow",
}
BOB = {"key": "JIRAUSER10100", "name": "bob", "displayName": "Bob 山田", "emailAddress": "bob@example.com"}
DOC = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Server crashes at night"}]}],
}

CLOUD: dict[str, Any] = {
    "id": "10001",
    "key": "WEB-7",
    "fields": {
        "summary": "Login fails",
        "issuetype": {"id": "10004", "name": "Bug", "subtask": False},
        "project": {"id": "10000", "key": "WEB", "name": "Website"},
        "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "indeterminate"}},
        "priority": {"id": "3", "name": "Medium"},
        "assignee": ANN,
        "reporter": ANN,
        "creator": ANN,
        "labels": ["Ops", "ops", "почта"],
        "components": [{"id": "1", "name": "API"}],
        "fixVersions": [{"id": "9", "name": "2.0"}],
        "versions": [],
        "parent": {"id": "10000", "key": "WEB-1", "fields": {"summary": "Epic"}},
        "created": "2026-11-01T10:00:00.123-0800",
        "updated": "2026-11-02T10:00:00.000+0300",
        "duedate": "2026-12-01",
        "resolution": None,
        "security": {"id": "10020", "name": "Internal"},
        "description": DOC,
        "environment": None,
        "timeoriginalestimate": 3600,
        "votes": {"votes": 2},
        "watches": {"watchCount": 3},
        "customfield_10020": [
            {"id": 1, "name": "Sprint 1", "state": "closed"},
            {"id": 2, "name": "Sprint 2", "state": "active"},
        ],
        "customfield_10030": {"id": "300", "value": "Critical"},
        "customfield_10019": "0|hzzzzz:",
        "attachment": [
            {
                "id": "77",
                "filename": "shot.png",
                "size": 12,
                "mimeType": "image/png",
                "content": "https://jira.example.com/rest/api/3/attachment/content/77",
                "created": "2026-11-01T11:00:00.000+0000",
                "author": ANN,
            }
        ],
        "issuelinks": [
            {
                "id": "5",
                "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                "outwardIssue": {"id": "10009", "key": "WEB-9"},
            }
        ],
    },
}
COMMENT = {
    "id": "500",
    "author": ANN,
    "body": DOC,
    "created": "2026-11-01T12:00:00.000+0000",
    "updated": "2026-11-01T12:00:00.000+0000",
}
SECRET_COMMENT = COMMENT | {"id": "501", "visibility": {"type": "role", "value": "Administrators"}}
WORKLOG = {
    "id": "600",
    "author": ANN,
    "started": "2026-11-01T09:00:00.000+0000",
    "timeSpentSeconds": 900,
    "created": "2026-11-01T12:00:00.000+0000",
    "updated": "2026-11-01T12:00:00.000+0000",
}
HISTORY = [
    {
        "id": "700",
        "author": ANN,
        "created": "2026-11-01T12:30:00.000+0000",
        "items": [
            {"field": "Key", "fieldId": "issuekey", "fromString": "OLD-3", "toString": "WEB-7"},
            {"field": "status", "fieldId": "status", "from": "1", "fromString": "Open", "to": "3", "toString": "Doing"},
        ],
    }
]


def cloud_issue(**changed: Any) -> RawIssue:
    issue = deepcopy(CLOUD)
    issue["fields"] |= changed
    return RawIssue(issue, OBSERVED, [deepcopy(COMMENT), deepcopy(SECRET_COMMENT)], [deepcopy(WORKLOG)], HISTORY)


def datacenter_issue(**changed: Any) -> RawIssue:
    issue = deepcopy(CLOUD)
    issue["fields"] |= {
        "assignee": BOB,
        "reporter": BOB,
        "creator": BOB,
        "description": "h1. Night\nServer *crashes*",
        "customfield_10020": [
            "com.atlassian.greenhopper.service.sprint.Sprint@1f[id=4,state=FUTURE,name=Sprint 4, the last,goal=]",
        ],
    }
    issue["fields"] |= changed
    return RawIssue(issue, OBSERVED, [{**COMMENT, "author": BOB, "body": "A *bold* word"}], [], HISTORY)
