"""One issue as it was observed at Jira, already in the shape of the mirror's rows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from common.ids import ConnectionId, TenantId

Row = Mapping[str, Any]

#: The collections of an issue that the mirror keeps in tables of their own.
COLLECTIONS = ("comments", "worklogs", "history", "attachments", "links")


@dataclass(frozen=True)
class Site:
    """Whose mirror of which Jira this is."""

    tenant: TenantId
    connection: ConnectionId
    identity: str  # survives a reconnect; public ids are derived from it
    base_url: str


@dataclass(frozen=True)
class FieldInfo:
    """A field of the site as its catalogue names it."""

    name: str
    kind: str  # schema type, e.g. `array of option`
    plugin: str = ""  # schema.custom without its package, e.g. `gh-sprint`


@dataclass(frozen=True)
class SiteLists:
    """What mapping must know of a site's catalogue."""

    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    priority_ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RawIssue:
    """Jira's answer about an issue: its JSON, what was fetched beside it, and when the asking began.

    A collection that is None could not be read; what the mirror has of it stays.
    """

    issue: Mapping[str, Any]
    observed_at: datetime
    comments: list[dict[str, Any]] | None
    worklogs: list[dict[str, Any]] | None
    history: list[dict[str, Any]] | None

    @property
    def jira_id(self) -> int:
        return int(self.issue["id"])


@dataclass(frozen=True)
class Snapshot:
    """The rows of one issue; a collection that is None is not known and stays as it is in the mirror."""

    jira_id: int
    observed_at: datetime
    row: Row  # columns of jira.issues that Jira decides
    values: tuple[Row, ...]
    comments: tuple[Row, ...] | None
    worklogs: tuple[Row, ...] | None
    history: tuple[Row, ...] | None
    attachments: tuple[Row, ...]
    links: tuple[Row, ...]
    old_keys: frozenset[str]
    people: Mapping[str, Row]  # rows of jira.users, by account id
    raw: bytes  # compressed

    @property
    def updated(self) -> datetime:
        at: datetime = self.row["updated"]
        return at

    def collection(self, name: str) -> tuple[Row, ...] | None:
        """One of `COLLECTIONS`."""
        rows: tuple[Row, ...] | None = getattr(self, name)
        return rows

    @cached_property
    def content_hash(self) -> bytes:
        """The same for the same content, whatever the order in which Jira listed it."""
        parts: list[Any] = [dict(self.row), sorted(self.values, key=_value_key)]
        parts.extend(_sorted(self.collection(name)) for name in COLLECTIONS)
        return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _value_key(row: Row) -> tuple[str, str]:
    return row["field"], row["value_fold"]


def _sorted(rows: tuple[Row, ...] | None) -> list[Row] | None:
    return None if rows is None else sorted(rows, key=lambda row: (row["jira_id"], row.get("direction", "")))
