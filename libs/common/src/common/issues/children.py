"""What hangs on an issue: comments, worklogs, history, attachments and links, paged and without what is restricted."""

from collections.abc import Collection as AnyOf
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Table,
    Text,
    and_,
    any_,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from common.db.reading import CompiledRead, Reader, compile_read
from common.ids import ConnectionId
from common.issues.access import Access
from common.issues.history_changes import FIELDS_TO_LOOK_AT
from common.issues.scope import bound, may_see_child, may_see_issue, of_tenant, texts
from common.issues.tables import attachments, comments, history, issues, links, project_keys, users, worklogs


class Collection(StrEnum):
    """The collections of an issue by their public names."""

    COMMENTS = "comments"
    WORKLOGS = "worklogs"
    HISTORY = "history"
    ATTACHMENTS = "attachments"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class ChildrenPage:
    """Some rows in order, and how many the viewer could page through; each row has `total` beside it."""

    rows: Sequence[asyncpg.Record]
    total: int


_TABLES = {
    Collection.COMMENTS: comments,
    Collection.WORKLOGS: worklogs,
    Collection.HISTORY: history,
    Collection.ATTACHMENTS: attachments,
}
_RESTRICTED = (Collection.COMMENTS, Collection.WORKLOGS)


async def list_children(
    reader: Reader,
    access: Access,
    kind: Collection,
    issue: tuple[ConnectionId, int],
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
) -> ChildrenPage:
    """Oldest first; `after` is the (created, jira_id) of the last row seen. Links come whole, they are few."""
    if kind is Collection.LINKS:
        given = {**access.parameters(), "connection": issue[0], "issue": issue[1], "limit": limit}
        rows = await reader.fetch(_LINKS, **_LINKS.only(given))
        return ChildrenPage(rows, len(rows))
    statement = _PAGES[kind, after is not None]
    given = {**access.parameters(), "connection": issue[0], "issue": issue[1], "limit": limit}
    if after is not None:
        given |= {"after_time": after[0], "after_id": after[1]}
    rows = await reader.fetch(statement, **statement.only(given))
    if rows:
        return ChildrenPage(rows, rows[0]["total"])
    if after is None:
        return ChildrenPage((), 0)
    count = _COUNTS[kind]
    return ChildrenPage((), await reader.fetchval(count, **count.only(given)))


async def find_attachment(reader: Reader, access: Access, attachment: UUID) -> asyncpg.Record | None:
    """An attachment of an issue that the viewer may see."""
    given = {**access.parameters(), "attachment": attachment}
    return await reader.fetchrow(_ATTACHMENT, **_ATTACHMENT.only(given))


async def attachment_names(reader: Reader, issue: tuple[ConnectionId, int]) -> Sequence[asyncpg.Record]:
    """What bodies call the attachments of an issue: name, media id and public id of each, oldest first."""
    return await reader.fetch(_ATTACHMENT_NAMES, tenant=reader.tenant, connection=issue[0], issue=issue[1])


async def names_of_people(reader: Reader, connection: ConnectionId, ids: Sequence[str]) -> dict[str, str]:
    """Display names by account id, user key or login name."""
    rows = await reader.fetch(_PEOPLE, tenant=reader.tenant, connection=connection, ids=list(ids))
    names = {row["name"]: row["display_name"] for row in rows if row["name"]}
    return names | {row["account_id"]: row["display_name"] for row in rows}


async def visible_keys(reader: Reader, access: Access, connection: ConnectionId, keys: Sequence[str]) -> set[str]:
    """Which of these keys belong to issues that the viewer may see: texts of the history name others too."""
    given = {**access.parameters(), "connection": connection, "keys": list(keys)}
    rows = await reader.fetch(_KEYS, **_KEYS.only(given))
    return {row["key"] for row in rows}


async def hidden_keys(reader: Reader, access: Access, connection: ConnectionId, keys: AnyOf[str]) -> set[str]:
    """Which of these are keys of issues that the viewer may not see; a text that is no key of an issue is none."""
    if not keys:
        return set()
    given = {**access.parameters(), "connection": connection, "keys": sorted(keys)}
    rows = await reader.fetch(_HIDDEN_KEYS, **_HIDDEN_KEYS.only(given))
    return {row["key"] for row in rows}


async def visible_projects(reader: Reader, access: Access, connection: ConnectionId, names: AnyOf[str]) -> set[str]:
    """Which of these ids and keys are of projects that the viewer sees, also keys that they had before."""
    seen = access.of(connection)
    if seen is None or not names:
        return set()
    if seen.whole:
        return set(names)
    rows = await reader.fetch(_PROJECTS, tenant=reader.tenant, connection=connection, keys=sorted(names))
    keys = {row["key"] for row in rows if row["project_id"] in seen.projects}
    return keys | {name for name in names if name.isdecimal() and int(name) in seen.projects}


async def history_to_look_at(reader: Reader, issue: tuple[ConnectionId, int]) -> Sequence[asyncpg.Record]:
    """The `changes` of every history entry of an issue that may name another one, or what is never shown."""
    return await reader.fetch(_TO_LOOK_AT, tenant=reader.tenant, connection=issue[0], issue=issue[1])


def _of_issue(kind: Collection) -> ColumnElement[bool]:
    table = _TABLES[kind]
    return and_(
        of_tenant(table),
        table.c.connection_id == bound("connection", table.c.connection_id.type),
        table.c.issue_jira_id == bound("issue", BigInteger()),
        may_see_child(table) if kind in _RESTRICTED else true(),
    )


def _count(kind: Collection) -> Select[Any]:
    return select(func.count()).select_from(_TABLES[kind]).where(_of_issue(kind))


def _author(table: Table) -> ColumnElement[Any]:
    """The picture of who wrote a row."""
    return (
        select(users.c.avatar_url)
        .where(
            of_tenant(users),
            users.c.connection_id == table.c.connection_id,
            users.c.account_id == table.c.author_id,
        )
        .scalar_subquery()
        .label("author_avatar")
    )


def _page(kind: Collection, *, continued: bool) -> CompiledRead:
    table = _TABLES[kind]
    statement = (
        select(table, _author(table), _count(kind).scalar_subquery().label("total"))
        .where(_of_issue(kind))
        .order_by(table.c.created, table.c.jira_id)
        .limit(bound("limit", Integer()))
    )
    if continued:
        time, last = bound("after_time", DateTime(timezone=True)), bound("after_id", BigInteger())
        later = or_(table.c.created > time, and_(table.c.created == time, table.c.jira_id > last))
        statement = statement.where(table.c.created >= time, later)
    return compile_read(statement)


_PAGES = {(kind, continued): _page(kind, continued=continued) for kind in _TABLES for continued in (False, True)}
_COUNTS = {kind: compile_read(_count(kind)) for kind in _TABLES}

_LINKS = compile_read(
    select(
        links.c.jira_id,
        links.c.type_name,
        links.c.direction,
        links.c.label,
        issues.c.issue_id,
        issues.c.key,
        issues.c.summary,
        issues.c.type_name.label("other_type"),
        issues.c.status_name,
        issues.c.status_category,
    )
    .join(
        issues,
        and_(
            issues.c.tenant_id == links.c.tenant_id,
            issues.c.connection_id == links.c.connection_id,
            issues.c.jira_id == links.c.other_jira_id,
        ),
    )
    .where(
        of_tenant(links),
        of_tenant(issues),
        links.c.connection_id == bound("connection", links.c.connection_id.type),
        links.c.issue_jira_id == bound("issue", BigInteger()),
        may_see_issue(issues),
    )
    .order_by(links.c.label, issues.c.project_key, issues.c.number, links.c.jira_id)
    .limit(bound("limit", Integer()))
)

_ATTACHMENT = compile_read(
    select(attachments, issues.c.issue_id, issues.c.revision)
    .join(
        issues,
        and_(
            issues.c.tenant_id == attachments.c.tenant_id,
            issues.c.connection_id == attachments.c.connection_id,
            issues.c.jira_id == attachments.c.issue_jira_id,
        ),
    )
    .where(
        of_tenant(attachments),
        of_tenant(issues),
        attachments.c.child_id == bound("attachment", attachments.c.child_id.type),
        may_see_issue(issues),
    )
)

_ATTACHMENT_NAMES = compile_read(
    select(attachments.c.name, attachments.c.media_id, attachments.c.child_id)
    .where(
        of_tenant(attachments),
        attachments.c.connection_id == bound("connection", attachments.c.connection_id.type),
        attachments.c.issue_jira_id == bound("issue", BigInteger()),
    )
    .order_by(attachments.c.created, attachments.c.jira_id)
)

_TO_LOOK_AT = compile_read(
    select(history.c.changes).where(
        of_tenant(history),
        history.c.connection_id == bound("connection", history.c.connection_id.type),
        history.c.issue_jira_id == bound("issue", BigInteger()),
        history.c.changes.op("~*")(literal(FIELDS_TO_LOOK_AT, Text())),
    )
)

_PEOPLE = compile_read(
    select(users.c.account_id, users.c.name, users.c.display_name).where(
        of_tenant(users),
        users.c.connection_id == bound("connection", users.c.connection_id.type),
        or_(users.c.account_id == any_(texts("ids")), users.c.name == any_(texts("ids"))),
    )
)

_named = select(issues.c.key).where(
    of_tenant(issues),
    issues.c.connection_id == bound("connection", issues.c.connection_id.type),
    issues.c.key == any_(texts("keys")),
)
_KEYS = compile_read(_named.where(may_see_issue(issues)))
_HIDDEN_KEYS = compile_read(_named.where(not_(may_see_issue(issues))))

_PROJECTS = compile_read(
    select(project_keys.c.key, project_keys.c.project_id).where(
        of_tenant(project_keys),
        project_keys.c.connection_id == bound("connection", project_keys.c.connection_id.type),
        project_keys.c.key == any_(texts("keys")),
    )
)
