"""Fills the mirror tables for tests and benchmarks, as jira-sync would: rows, cards, search documents."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from common.clock import rfc3339
from common.ids import AttachmentId, ConnectionId, IssueId, TenantId, UserId, derive_child_id, derive_issue_id, new_id
from common.issues.folding import fold

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
ROLES = ("owner", "admin", "member", "viewer")
_MULTI = {"labels": "label", "components": "component", "fix_versions": "fix_version"}
_CATEGORY = {"To Do": "todo", "In Progress": "in_progress", "Done": "done"}
_PRIORITIES = {"Highest": 1, "High": 2, "Medium": 3, "Low": 4, "Lowest": 5}


@dataclass(frozen=True, slots=True)
class SeededIssue:
    """Where an issue stands."""

    issue_id: IssueId
    connection_id: ConnectionId
    jira_id: int
    key: str


@dataclass(slots=True)
class MirrorSeed:
    """Writes as a superuser, so row-level security stands in nobody's way; everything is of one tenant."""

    connection: asyncpg.Connection
    tenant: TenantId = field(default_factory=lambda: TenantId(new_id()))
    numbers: "count[int]" = field(default_factory=lambda: count(10_001))
    sites: dict[ConnectionId, str] = field(default_factory=dict)

    async def jira(
        self, base_url: str = "https://jira.example.com", *, granted: bool = True, **columns: Any
    ) -> ConnectionId:
        """A connection whose mirror is complete; every role sees all of its projects unless `granted` is False."""
        name = ConnectionId(new_id())
        self.sites[name] = columns.setdefault("site", base_url)
        row = {
            "connection_id": name,
            "name": "Jira",
            "base_url": base_url,
            "deployment": "cloud",
            "auth_method": "api_token",
            "account": f"{name.hex[:8]}@example.com",
            "account_id": "me-account",
            "phase": "live",
            "complete_as_of": START,
            "created_at": START,
            "updated_at": START,
        }
        await self._insert("connections", row | columns)
        for role in ROLES if granted else ():
            await self.grant(name, "project", "*", role=role)
        return name

    async def grant(
        self, jira: ConnectionId, kind: str, value: str, *, role: str | None = None, user: UserId | None = None
    ) -> UUID:
        """Lets a role or a user see a project (by Jira's id, or `*`), a level or a class; returns the grant's id."""
        grant = new_id()
        subject = {"subject_kind": "role", "subject": role} if role else {"subject_kind": "user", "subject": str(user)}
        row = {"connection_id": jira, "grant_id": grant, **subject, "kind": kind, "value": value, "created_at": START}
        await self._insert("grants", row)
        return grant

    async def withdraw(self, jira: ConnectionId, **columns: str) -> None:
        """Takes the grants of a connection back that have these values, or all."""
        where = "".join(f" AND {name} = ${number}" for number, name in enumerate(columns, 3))
        # Only names written in tests stand in the statement.
        statement = f"DELETE FROM jira.grants WHERE tenant_id = $1 AND connection_id = $2{where}"  # noqa: S608
        await self.connection.execute(statement, self.tenant, jira, *columns.values())

    async def project(self, jira: ConnectionId, key: str, project_id: int, *, old_keys: Sequence[str] = ()) -> None:
        """A project with every key that it has or had."""
        row = {"connection_id": jira, "project_id": project_id, "key": key, "name": f"Project {key}"}
        await self._insert("projects", row)
        for each in (key, *old_keys):
            await self._insert("project_keys", {"connection_id": jira, "key": each, "project_id": project_id})

    async def issue(self, jira: ConnectionId, key: str, summary: str = "A summary", **given: Any) -> SeededIssue:
        """An issue with its card, its values and its search document; `given` are columns or fields of the card."""
        jira_id = given.pop("jira_id", None) or next(self.numbers)
        issue = SeededIssue(derive_issue_id(self.tenant, self.sites[jira], jira_id), jira, jira_id, key)
        detail = given.pop("detail", {})
        text = given.pop("search_text", "")
        values = {name: given.pop(name, []) for name in _MULTI}
        row = _issue_row(issue, summary, given)
        row |= {"card": _card(issue, row, values), "detail": _detail(detail)}
        await self._insert("issues", row)
        for name, names in values.items():
            for value in names:
                await self._value(issue, _MULTI[name], value)
        await self._document(issue, row, text)
        return issue

    async def comment(self, issue: SeededIssue, body: str = "A comment", **columns: Any) -> int:
        """A comment in wiki text; returns Jira's id."""
        row = self._child(issue, "com") | {"updated": START, "body_format": "wiki", "body": body} | columns
        await self._insert("comments", row)
        return int(row["jira_id"])

    async def worklog(self, issue: SeededIssue, seconds: int = 3600, **columns: Any) -> None:
        """A worklog."""
        row = self._child(issue, "wkl") | {"updated": START, "seconds": seconds} | columns
        await self._insert("worklogs", row)

    async def change(self, issue: SeededIssue, *changes: Mapping[str, Any], **columns: Any) -> None:
        """One entry of the history."""
        row = self._child(issue, "his") | {"changes": orjson.dumps(list(changes)).decode()} | columns
        await self._insert("history", row)

    async def attachment(self, issue: SeededIssue, name: str = "a.png", **columns: Any) -> AttachmentId:
        """An attachment; returns its public id's uuid."""
        row = self._child(issue, "att")
        row |= {"name": name, "size": 4, "media_type": "image/png", "content_url": "https://jira.example.com/a"}
        await self._insert("attachments", row | columns)
        return AttachmentId(row["child_id"])

    async def link(self, issue: SeededIssue, other: SeededIssue, label: str = "blocks") -> None:
        """A link as `issue` shows it."""
        row = {
            "connection_id": issue.connection_id,
            "issue_jira_id": issue.jira_id,
            "jira_id": next(self.numbers),
            "direction": "outward",
            "type_name": "Blocks",
            "label": label,
            "other_jira_id": other.jira_id,
            "other_key": other.key,
        }
        await self._insert("links", row)

    async def insert(self, table: str, **columns: Any) -> None:
        """One row of any table of schema `jira`."""
        await self._insert(table, columns)

    async def many_issues(self, jira: ConnectionId, number: int, *, key: str = "BULK", project_id: int = 1) -> None:
        """Many issues by one statement, for plans and benchmarks; every third has a description of some words."""
        template = _issue_row(SeededIssue(IssueId(new_id()), jira, 0, f"{key}-0"), "Bulk issue", {})
        card = _card(SeededIssue(IssueId(new_id()), jira, 0, f"{key}-0"), template, {name: [] for name in _MULTI})
        await self.connection.execute(
            _MANY, self.tenant, jira, number, key, project_id, START, card, _detail({"description": _BULK_TEXT})
        )
        await self.connection.execute(_MANY_DOCUMENTS, self.tenant, jira)
        await self.connection.execute("ANALYZE jira.issues")

    def _child(self, issue: SeededIssue, kind: str) -> dict[str, Any]:
        jira_id = next(self.numbers)
        return {
            "connection_id": issue.connection_id,
            "jira_id": jira_id,
            "issue_jira_id": issue.jira_id,
            "child_id": derive_child_id(kind, self.tenant, self.sites[issue.connection_id], jira_id),
            "author_id": "anna",
            "author_name": "Anna Example",
            "created": START + timedelta(seconds=jira_id),
        }

    async def _value(self, issue: SeededIssue, name: str, value: str) -> None:
        row = {"connection_id": issue.connection_id, "jira_id": issue.jira_id, "field": name, "value": value}
        await self._insert("issue_values", row | {"value_fold": fold(value)})

    async def document(self, issue: SeededIssue, text: str, visibility: str = "") -> None:
        """A search document of an issue for a visibility class, as a restricted comment gives it one."""
        row = await self.connection.fetchrow(
            "SELECT project_id, security_level_id, summary FROM jira.issues"
            " WHERE tenant_id = $1 AND connection_id = $2 AND jira_id = $3",
            *(self.tenant, issue.connection_id, issue.jira_id),
        )
        await self._document(issue, dict(row or {}), text, visibility)

    async def _document(self, issue: SeededIssue, row: Mapping[str, Any], text: str, visibility: str = "") -> None:
        await self.connection.execute(
            "INSERT INTO jira_private.issue_search"
            " (tenant_id, issue_id, class, connection_id, document, project_id, security_level_id) VALUES"
            " ($1, $2, $3, $4, jira_private.search_document($5, $6, $7, ''), $8, $9) ON CONFLICT DO NOTHING",
            *(self.tenant, issue.issue_id, visibility, issue.connection_id, issue.key, row["summary"], text),
            *(row["project_id"], row.get("security_level_id")),
        )

    async def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        columns = {"tenant_id": self.tenant, **row}
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        names = ", ".join(columns)
        # Only names written in this file and in tests stand in the statement.
        statement = f"INSERT INTO jira.{table} ({names}) VALUES ({places})"  # noqa: S608
        await self.connection.execute(statement, *columns.values())


def _issue_row(issue: SeededIssue, summary: str, given: Mapping[str, Any]) -> dict[str, Any]:
    project, _, number = issue.key.rpartition("-")
    status, kind = given.get("status", "To Do"), given.get("type", "Task")
    priority = given.get("priority", "Medium")
    due: date | None = given.get("due_date")
    names = {"status", "type", "priority", "assignee"}
    row: dict[str, Any] = {
        "connection_id": issue.connection_id,
        "jira_id": issue.jira_id,
        "issue_id": issue.issue_id,
        "key": issue.key,
        "number": int(number),
        "project_id": 1,
        "project_key": project,
        "summary": summary,
        "type_name": kind,
        "type_fold": fold(kind),
        "status_name": status,
        "status_fold": fold(status),
        "status_category": _CATEGORY.get(status, "in_progress"),
        "priority_name": priority,
        "priority_fold": priority and fold(priority),
        "priority_rank": _PRIORITIES.get(priority),
        "assignee_id": given.get("assignee"),
        "reporter_id": "anna",
        "due_date": due,
        "created": START,
        "updated": START + timedelta(seconds=issue.jira_id),
        "revision": 1,
        "content_hash": hashlib.blake2b(summary.encode(), digest_size=16).digest(),
        "synced_at": START,
    }
    return row | {name: value for name, value in given.items() if name not in names | {"parent"}}


def _card(issue: SeededIssue, row: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> str:
    anna = {"id": "anna", "name": "Anna Example", "avatar_url": None}
    due, resolved = row["due_date"], row.get("resolved_at")
    card = {
        "jira_id": str(issue.jira_id),
        "key": issue.key,
        "url": f"https://jira.example.com/browse/{issue.key}",
        "project": {"key": row["project_key"], "name": f"Project {row['project_key']}"},
        "type": {"name": row["type_name"], "subtask": False},
        "summary": row["summary"],
        "status": {"name": row["status_name"], "category": row["status_category"]},
        "priority": None if row["priority_name"] is None else {"name": row["priority_name"]},
        "assignee": None if row["assignee_id"] is None else anna | {"id": row["assignee_id"]},
        "reporter": anna,
        **{name: list(names) for name, names in values.items()},
        "affects_versions": [],
        "parent": {"key": "PARENT-1", "summary": "The parent"} if row.get("parent_jira_id") else None,
        "sprint": None,
        "resolution": None,
        "due_date": None if due is None else due.isoformat(),
        "created": rfc3339(row["created"]),
        "updated": rfc3339(row["updated"]),
        "resolved_at": None if resolved is None else rfc3339(resolved),
    }
    return orjson.dumps(card).decode()


def _detail(given: Mapping[str, Any]) -> str:
    empty: dict[str, Any] = {
        "description": None,
        "environment": None,
        "custom_fields": [],
        "time_tracking": None,
        "votes": 0,
        "watches": 1,
        "security_level": None,
        "creator": None,
    }
    return orjson.dumps({**empty, **given}).decode()


_BULK_TEXT = {"format": "wiki", "raw": "h2. Steps\n\n* open the page\n* press *save*\n\n{code}error 42{code}\n" * 3}

_MANY = """
    INSERT INTO jira.issues (
        tenant_id, connection_id, jira_id, issue_id, key, number, project_id, project_key, summary,
        type_name, type_fold, status_name, status_fold, status_category, priority_name, priority_fold, priority_rank,
        assignee_id, reporter_id, created, updated, revision, content_hash, card, detail, synced_at
    )
    SELECT $1::uuid, $2::uuid, 1000000 + n, gen_random_uuid(), $4::text || '-' || n, n, $5::bigint, $4::text,
        'Bulk issue ' || n,
        'Task', 'task', status, lower(status), category, 'Medium', 'medium', 1 + n % 5,
        'person-' || n % 50, 'anna', $6::timestamptz, $6::timestamptz + n * interval '7 seconds', 1, 'x'::bytea,
        replace(replace($7::text, $4 || '-0"', $4 || '-' || n || '"'), 'Bulk issue', 'Bulk issue ' || n), $8::text,
        $6::timestamptz
    FROM (
        SELECT n, (ARRAY['To Do', 'In Progress', 'Done'])[1 + n % 3] AS status,
            (ARRAY['todo', 'in_progress', 'done'])[1 + n % 3] AS category
        FROM generate_series(1, $3::int) n
    ) numbered
"""

_MANY_DOCUMENTS = """
    INSERT INTO jira_private.issue_search
        (tenant_id, issue_id, class, connection_id, document, project_id, security_level_id)
    SELECT tenant_id, issue_id, '', connection_id, jira_private.search_document(
        key, summary || CASE WHEN number % 2 = 0 THEN ' even' ELSE '' END
            || CASE WHEN number % 500 = 0 THEN ' rareword' ELSE '' END, 'open the page, press save', ''
    ), project_id, security_level_id
    FROM jira.issues WHERE tenant_id = $1 AND connection_id = $2
    ON CONFLICT DO NOTHING
"""
