"""Reads of the mirror: refs come in, the issues meant by them, their freshness and their content go out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from common.db.reading import Reader, compile_read
from common.ids import is_id, parse_id, public_id
from common.issues.access import Access
from common.issues.scope import issue_is_visible, may_see_child, may_see_issue, of_tenant, texts, uuids
from common.issues.tables import attachments, comments, connections, history, issue_keys, issues, links, users, worklogs
from export_worker.domain.selection import Candidate
from export_worker.store.json_parts import NONE, object_of, of_issue, word
from export_worker.store.named import named

_IS_LIVE = connections.c.deleted_at.is_(None)


def _with_connection() -> ColumnElement[bool]:
    return and_(connections.c.tenant_id == issues.c.tenant_id, connections.c.connection_id == issues.c.connection_id)


_FOUND = (issues.c.issue_id, issues.c.connection_id, issues.c.jira_id, issues.c.key)

_BY_REF = compile_read(
    select(*_FOUND)
    .join_from(issues, connections, _with_connection())
    .where(of_tenant(issues), may_see_issue(issues), _IS_LIVE)
    .where(or_(issues.c.issue_id == any_(uuids("ids")), issues.c.key == any_(texts("keys"))))
)
_BY_OLD_KEY = compile_read(
    select(issue_keys.c.key.label("asked"), *_FOUND)
    .join_from(issue_keys, issues, of_issue(issue_keys, "jira_id"))
    .join(connections, _with_connection())
    .where(of_tenant(issue_keys), may_see_issue(issues), _IS_LIVE)
    .where(issue_keys.c.key == any_(texts("keys")), issues.c.key != issue_keys.c.key)
)
_AS_OF = compile_read(
    select(func.min(connections.c.complete_as_of)).where(
        of_tenant(connections), connections.c.connection_id == any_(uuids("connections"))
    )
)
_NAMES = compile_read(
    select(users.c.account_id, users.c.name, users.c.display_name).where(
        of_tenant(users),
        users.c.connection_id == bindparam("connection", type_=Uuid()),
        or_(users.c.account_id == any_(texts("people")), users.c.name == any_(texts("people"))),
    )
)


async def list_candidates(reader: Reader, access: Access, refs: Sequence[str]) -> list[Candidate]:
    """Every issue that one of the refs (ids or keys) could mean and the viewer may see."""
    ids = [parse_id("iss", ref) for ref in refs if is_id("iss", ref)]
    keys = [ref for ref in refs if not is_id("iss", ref)]
    given = {**access.parameters(), "ids": ids, "keys": keys}
    rows = await reader.fetch(_BY_REF, **_BY_REF.only(given))
    wanted = set(refs)
    found = []
    for row in rows:
        names = {public_id("iss", row["issue_id"]), row["key"]} & wanted
        found += [Candidate(name, row["issue_id"], row["connection_id"], row["jira_id"], row["key"]) for name in names]
    if keys:
        for row in await reader.fetch(_BY_OLD_KEY, **_BY_OLD_KEY.only(given)):
            found.append(Candidate(**row, is_alias=True))
    return found


async def find_as_of(reader: Reader, tenant: Any, connection_ids: Sequence[Any]) -> datetime | None:
    """The moment up to which all of these connections are complete."""
    at: datetime | None = await reader.fetchval(_AS_OF, tenant=tenant, connections=list(connection_ids))
    return at


async def list_names(reader: Reader, tenant: Any, connection: Any, people: Sequence[str]) -> dict[str, str]:
    """Account ids and login names → names as shown."""
    rows = await reader.fetch(_NAMES, tenant=tenant, connection=connection, people=list(people))
    shown = {row["name"]: row["display_name"] for row in rows if row["name"]}
    return shown | {row["account_id"]: row["display_name"] for row in rows}


def _ms(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.extract("epoch", column) * literal_column("1000", Integer), BigInteger)


def _all(child: FromClause, members: ColumnElement[Any], *conditions: ColumnElement[bool], order: Sequence[Any]) -> Any:
    listed = func.json_agg(aggregate_order_by(members, *order))
    # no tenant: `of_issue` binds the child to the tenant of the outer issue.
    inner = select(func.coalesce(listed, NONE)).select_from(child).where(of_issue(child), *conditions)
    return inner.scalar_subquery()


def _comments() -> Any:
    members = object_of(
        author=comments.c.author_name,
        author_id=comments.c.author_id,
        created=_ms(comments.c.created),
        updated=_ms(comments.c.updated),
        visibility=comments.c.visibility,
        format=comments.c.body_format,
        body=comments.c.body,
    )
    return _all(comments, members, may_see_child(comments), order=(comments.c.created, comments.c.jira_id))


def _worklogs() -> Any:
    members = object_of(
        author=worklogs.c.author_name,
        started=_ms(func.coalesce(worklogs.c.started, worklogs.c.created)),
        seconds=worklogs.c.seconds,
        format=worklogs.c.body_format,
        body=worklogs.c.body,
    )
    return _all(worklogs, members, may_see_child(worklogs), order=(worklogs.c.created, worklogs.c.jira_id))


def _history() -> Any:
    members = object_of(author=history.c.author_name, at=_ms(history.c.created), changes=cast(history.c.changes, JSON))
    return _all(history, members, order=(history.c.created, history.c.jira_id))


def _attachments() -> Any:
    members = object_of(
        id=attachments.c.child_id,
        name=attachments.c.name,
        size=attachments.c.size,
        media_type=attachments.c.media_type,
        media_id=attachments.c.media_id,
        author=attachments.c.author_name,
        created=_ms(attachments.c.created),
    )
    return _all(attachments, members, order=(attachments.c.created, attachments.c.jira_id))


def _links() -> Any:
    other = issues.alias("linked")
    card = cast(other.c.card, JSON)
    same = and_(
        other.c.tenant_id == links.c.tenant_id,
        other.c.connection_id == links.c.connection_id,
        other.c.jira_id == links.c.other_jira_id,
    )
    members = object_of(
        label=links.c.label,
        key=other.c.key,
        summary=other.c.summary,
        status=other.c.status_name,
        category=other.c.status_category,
        url=card.op("->>")(word("url")),
    )
    listed = func.json_agg(aggregate_order_by(members, links.c.label, other.c.number, links.c.jira_id))
    inner = select(func.coalesce(listed, NONE)).join_from(links, other, same)
    return inner.where(of_issue(links), may_see_issue(other)).correlate(issues).scalar_subquery()


def content() -> ColumnElement[str]:
    """The JSON text of everything that a document of an issue needs and the viewer may see, in one expression.

    One statement reads it all, so the parts belong together, and the same content always gives the same text.
    """
    whole = object_of(
        issue_id=issues.c.issue_id,
        connection_id=issues.c.connection_id,
        revision=issues.c.revision,
        instance=connections.c.name,
        base_url=connections.c.base_url,
        card=cast(issues.c.card, JSON),
        detail=cast(issues.c.detail, JSON),
        parent_visible=issue_is_visible(issues.c.connection_id, issues.c.parent_jira_id),
        comments=_comments(),
        worklogs=_worklogs(),
        history=_history(),
        attachments=_attachments(),
        links=_links(),
        named=named(),
    )
    return cast(whole, Text)


def digest_of(text: ColumnElement[str]) -> ColumnElement[str]:
    """SHA-256 in hex."""
    return func.encode(func.sha256(func.convert_to(text, word("UTF8"))), word("hex"))


def wanted() -> FromClause:
    """`:connections`, `:jira_ids`, `:ordinals` as rows: which issues, in which places."""
    listed = func.unnest(
        uuids("connections"),
        bindparam("jira_ids", type_=ARRAY(BigInteger())),
        bindparam("ordinals", type_=ARRAY(BigInteger())),
    )
    return listed.table_valued("connection_id", "jira_id", "ordinal", name="wanted").render_derived()


def visible_wanted(rows: FromClause, *columns: Any) -> Any:
    """SELECT of the wanted issues that are there and that the viewer may see."""
    same = and_(issues.c.connection_id == rows.c.connection_id, issues.c.jira_id == rows.c.jira_id)
    return (
        select(*columns)
        .join_from(rows, issues, same)
        .join(connections, _with_connection())
        .where(of_tenant(issues), may_see_issue(issues), _IS_LIVE)
    )


_rows = wanted()
_DIGESTS = compile_read(
    visible_wanted(_rows, issues.c.issue_id, digest_of(content()).label("digest")).order_by(_rows.c.ordinal)
)


async def find_digest(reader: Reader, access: Access, issue: Candidate) -> str | None:
    """The digest of the content that a document made now would have."""
    row = await reader.fetchrow(
        _DIGESTS, **access.parameters(), connections=[issue.connection_id], jira_ids=[issue.jira_id], ordinals=[1]
    )
    return None if row is None else row["digest"]
