"""One issue of the mirror: an id or a key comes in, the row that the viewer may see goes out, or candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy import any_, or_, select

from common.db.reading import Reader, compile_read
from common.errors import AppError, ErrorKind, NotFound, register_translations
from common.ids import ConnectionId, IssueId, parse_id, public_id
from common.issues.access import Access
from common.issues.scope import issue_is_visible, may_see_issue, of_tenant, uuids
from common.issues.searching import BY_KEY, key_parameters, split_key
from common.issues.tables import issues


class IssueNotFound(NotFound):
    """There is no such issue, or you may not see it."""

    code = "issue.not_found"


class AmbiguousKey(AppError):
    """Several connections have an issue with this key; say which with ?connection=."""

    kind, code = ErrorKind.CONFLICT, "issue.ambiguous_key"


register_translations(
    {
        "issue.not_found": "Такой задачи нет, или она вам недоступна.",
        "issue.ambiguous_key": "Задача с таким ключом есть в нескольких подключениях; укажите ?connection=.",
    }
)


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as stored; `card` and `detail` are the JSON texts of `common.issues.cards`."""

    issue_id: IssueId
    connection_id: ConnectionId
    jira_id: int
    key: str
    revision: int
    card: str
    detail: str
    content_hash: bytes
    parent_visible: bool

    @classmethod
    def of(cls, row: asyncpg.Record) -> "IssueRow":
        """From a row of `_FIND`."""
        return cls(
            IssueId(row["issue_id"]),
            ConnectionId(row["connection_id"]),
            row["jira_id"],
            row["key"],
            row["revision"],
            row["card"],
            row["detail"],
            row["content_hash"],
            row["parent_visible"],
        )


async def get_issue(reader: Reader, access: Access, ref: str) -> IssueRow:
    """By public id or key, also an old key; raises `IssueNotFound`, or `AmbiguousKey` with the candidates.

    Two connections to one site hold an issue under the same id: the copy that was read last is taken.
    """
    found = await _find(reader, access, ref)
    if not found:
        raise IssueNotFound
    if len({row.issue_id for row in found}) > 1:
        raise AmbiguousKey(
            extra={
                "candidates": [
                    {
                        "id": public_id("iss", row.issue_id),
                        "connection_id": public_id("con", row.connection_id),
                        "key": row.key,
                    }
                    for row in found
                ]
            }
        )
    return found[0]


async def _find(reader: Reader, access: Access, ref: str) -> list[IssueRow]:
    if ref.startswith("iss_"):
        return await _visible(reader, access, [parse_id("iss", ref)])
    if split_key(ref) is None:
        return []
    hits = await reader.fetch(BY_KEY, **key_parameters(access, ref))
    if not hits:
        return []
    seen = await _visible(reader, access, [row["issue_id"] for row in hits])
    # A key of today wins over one that another issue had before.
    ways: dict[tuple[UUID, UUID], int] = {}
    for row in hits:
        place = (row["issue_id"], row["connection_id"])
        ways[place] = min(row["way"], ways.get(place, row["way"]))
    ranked = [(ways[row.issue_id, row.connection_id], row) for row in seen if (row.issue_id, row.connection_id) in ways]
    best = min((way for way, _ in ranked), default=0)
    return [row for way, row in ranked if way == best]


async def _visible(reader: Reader, access: Access, ids: Sequence[UUID]) -> list[IssueRow]:
    given = {**access.parameters(), "ids": list(ids)}
    rows = await reader.fetch(_FIND, **_FIND.only(given))
    return [IssueRow.of(row) for row in rows]


_FIND = compile_read(
    select(
        issues.c.issue_id,
        issues.c.connection_id,
        issues.c.jira_id,
        issues.c.key,
        issues.c.revision,
        issues.c.card,
        issues.c.detail,
        issues.c.content_hash,
        or_(issues.c.parent_jira_id.is_(None), issue_is_visible(issues.c.connection_id, issues.c.parent_jira_id)).label(
            "parent_visible"
        ),
    )
    .where(
        of_tenant(issues),
        may_see_issue(issues),
        issues.c.issue_id == any_(uuids("ids")),
    )
    .order_by(issues.c.synced_at.desc())
)
