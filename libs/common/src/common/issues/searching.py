"""Full-text search of the mirror: what a person typed comes in, one of two plans for finding it goes out.

Under row-level security `@@` never uses an index, so text is asked of the functions of `jira_private.issue_search`
(docs/adr/0004): few hits go into the list query as ids, many are tested while walking the order of the list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    column,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from common.db.reading import CompiledRead, Reader, compile_read
from common.issues.access import Access
from common.issues.scope import bound, may_see_issue, of_tenant, texts, uuids
from common.issues.tables import issue_keys, issues, project_keys

#: Up to so many hits are listed by id; the probe for one more costs at most some 20 ms.
FEW = 2_000

MAX_WORDS = 20
MAX_WORD_LENGTH = 100

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-([1-9][0-9]{0,17})")
_EDGE = re.compile(r"^[^\w]+|[^\w]+$")


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What was typed: whole words, a last word that may go on, and an issue key when all of it is one."""

    words: tuple[str, ...] = ()
    prefix: str | None = None
    key: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing in it can be looked for."""
        return not self.words and self.prefix is None


@dataclass(frozen=True, slots=True)
class TextPlan:
    """How a list finds the text: `ids` are all hits (`ids`) or only those by key (`walk`)."""

    kind: Literal["ids", "walk"]
    query: TextQuery
    ids: tuple[UUID, ...] = ()
    ranks: dict[UUID, float] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """The values of `matches`."""
        return {"text_ids": list(self.ids), "words": list(self.query.words), "prefix": self.query.prefix}


def parse_text(typed: str) -> TextQuery:
    """Splits what was typed; the last word is a prefix unless a space follows it."""
    parts = [word for part in typed.split() if (word := _EDGE.sub("", part)[:MAX_WORD_LENGTH])][:MAX_WORDS]
    key = parts[0].upper() if len(parts) == 1 and _KEY.fullmatch(parts[0]) else None
    if not parts or typed[-1:].isspace():
        return TextQuery(tuple(parts), None, key)
    return TextQuery(tuple(parts[:-1]), parts[-1], key)


def split_key(key: str) -> tuple[str, int] | None:
    """`DEMO-12` → project key and number; None when it is not a key."""
    match = _KEY.fullmatch(key)
    return None if match is None else (match[1].upper(), int(match[2]))


async def plan_search(reader: Reader, access: Access, query: TextQuery, *, few: int = FEW) -> TextPlan:
    """Asks for one hit more than a few: that many mean "walk the order", fewer are all the hits there are."""
    given = {**access.parameters(), "words": list(query.words), "prefix": query.prefix, "max": few + 1}
    found = await reader.fetch(_PROBE, **_PROBE.only(given))
    by_key = await _ids_of_key(reader, access, query.key) if query.key else []
    ranks = {row["issue_id"]: float(row["rank"]) for row in found}
    ranks.update(dict.fromkeys(by_key, 1.0))
    if len(found) > few:
        return TextPlan("walk", query, tuple(by_key), ranks)
    return TextPlan("ids", query, tuple(ranks), ranks)


def matches(kind: str, table: FromClause) -> ColumnElement[bool]:
    """The condition of a plan on the issues table."""
    by_id: ColumnElement[bool] = table.c.issue_id == any_(uuids("text_ids"))
    if kind == "ids":
        return by_id
    seen = (uuids("class_connections"), texts("classes_seen"))
    found = func.jira.search_match(
        table.c.issue_id, table.c.connection_id, texts("words"), bound("prefix", Text()), *seen
    )
    return or_(by_id, found)


async def _ids_of_key(reader: Reader, access: Access, key: str) -> list[UUID]:
    rows = await reader.fetch(BY_KEY, **key_parameters(access, key))
    return [row["issue_id"] for row in rows]


def key_parameters(access: Access, key: str) -> dict[str, Any]:
    """The values of `BY_KEY`."""
    project, number = split_key(key) or ("", 0)
    given = {**access.parameters(), "key": key.upper(), "project": project, "number": number}
    return BY_KEY.only(given)


def _by_key() -> CompiledRead:
    """Issues by the key they have (`way` 0), had before (1), or would have under an old key of their project (2).

    What the viewer may not see is no hit: so a hidden key costs as much as one that nobody has.
    """
    columns: Sequence[ColumnElement[Any]] = (issues.c.issue_id, issues.c.connection_id)
    now = select(*columns, literal(0, Integer).label("way")).where(
        of_tenant(issues), issues.c.key == bound("key", Text()), may_see_issue(issues)
    )
    before = (
        select(*columns, literal(1, Integer).label("way"))
        .join(
            issue_keys,
            and_(
                issue_keys.c.tenant_id == issues.c.tenant_id,
                issue_keys.c.connection_id == issues.c.connection_id,
                issue_keys.c.jira_id == issues.c.jira_id,
            ),
        )
        .where(of_tenant(issues), of_tenant(issue_keys), issue_keys.c.key == bound("key", Text()))
        .where(may_see_issue(issues))
    )
    projects = select(project_keys.c.connection_id, project_keys.c.project_id).where(
        of_tenant(project_keys), project_keys.c.key == bound("project", Text())
    )
    renamed = select(*columns, literal(2, Integer).label("way")).where(
        of_tenant(issues),
        may_see_issue(issues),
        issues.c.number == bound("number", issues.c.number.type),
        tuple_(issues.c.connection_id, issues.c.project_id).in_(projects),
    )
    return compile_read(union_all(now, before, renamed))


BY_KEY = _by_key()

_SEEN = (
    uuids("whole"),
    uuids("project_connections"),
    bound("projects_seen", ARRAY(BigInteger())),
    uuids("level_connections"),
    texts("levels_seen"),
    uuids("class_connections"),
    texts("classes_seen"),
)

_hits = func.jira.search_ids(texts("words"), bound("prefix", Text()), *_SEEN, bound("max", Integer())).table_valued(
    column("issue_id", Uuid()), column("rank", Float())
)

# no tenant: the function takes it from the session (docs/adr/0004).
_PROBE = compile_read(select(_hits.c.issue_id, _hits.c.rank))
