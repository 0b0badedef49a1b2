"""Who may see what: a viewer comes in, the one value that every read, search, cache key and notice needs goes out.

What is not named in it is not visible. It is read anew for each request, so a change of grants takes effect at once.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
from sqlalchemy import Text, and_, func, or_, select, true

from common.db.reading import Reader, compile_read
from common.ids import ConnectionId, TenantId, UserId
from common.issues.connected import LiveConnection
from common.issues.scope import bound, of_tenant
from common.issues.tables import connections, grants

EVERY_PROJECT = "*"

#: How the condition on issues is best written: only whole connections, only some projects of them, or both.
Reach = Literal["whole", "some", "mixed"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a member of a tenant, in his role."""

    tenant: TenantId
    user: UserId
    role: str


@dataclass(frozen=True, slots=True)
class ConnectionAccess:
    """What a viewer sees of one connection: all projects or some, and the levels and classes granted by name.

    `levels` are ids of issue security levels, `classes` are visibilities of comments and worklogs (`role:Developers`).
    """

    connection: LiveConnection
    whole: bool = False
    projects: frozenset[int] = frozenset()
    levels: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    @property
    def id(self) -> ConnectionId:
        """Of which connection."""
        return self.connection.connection_id

    @property
    def fingerprint(self) -> str:
        """Equal for two viewers exactly when they see the same of this connection (migrations rest on its form)."""
        parts = [str(self.id), self.whole, sorted(self.projects), sorted(self.levels), sorted(self.classes)]
        text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def sees_project(self, project: int) -> bool:
        """Whether issues of a project may be seen, as far as no level hides them."""
        return self.whole or project in self.projects


@dataclass(frozen=True, slots=True)
class Access:
    """A viewer's rights inside a tenant: the live connections of which he sees something, oldest first."""

    tenant: TenantId
    connections: tuple[ConnectionAccess, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Equal for two viewers exactly when they may see the same; part of every cursor and shared cache key."""
        parts = (str(self.tenant), *sorted(each.fingerprint for each in self.connections))
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()

    @property
    def live(self) -> list[LiveConnection]:
        """The connections as reads of the mirror need them."""
        return [each.connection for each in self.connections]

    @property
    def reach(self) -> Reach:
        """Which way of writing the condition serves it."""
        whole = [each.whole for each in self.connections]
        return "whole" if all(whole) else "mixed" if any(whole) else "some"

    def of(self, connection: ConnectionId) -> ConnectionAccess | None:
        """What is seen of one connection; None for nothing."""
        return next((each for each in self.connections if each.id == connection), None)

    def narrowed(self, wanted: Collection[ConnectionId]) -> "Access":
        """The same rights in some connections only; no wish leaves all."""
        if not wanted:
            return self
        return Access(self.tenant, tuple(each for each in self.connections if each.id in wanted))

    def prints(self) -> list[str]:
        """What files remember and are compared by: the fingerprint of each connection on its own."""
        return sorted(each.fingerprint for each in self.connections)

    def prints_of(self, wanted: Iterable[ConnectionId]) -> str:
        """The fingerprints of some connections as the one text that a file keeps."""
        names = set(wanted)
        return " ".join(sorted(each.fingerprint for each in self.connections if each.id in names))

    def covers(self, prints: str) -> bool:
        """Whether all that a file shows is seen in just the same way by this viewer, connection by connection."""
        asked = prints.split()
        return bool(asked) and set(asked) <= set(self.prints())

    def parameters(self) -> dict[str, Any]:
        """The values of the conditions in `common.issues.scope`."""
        some = [each for each in self.connections if not each.whole]
        projects = [(each.id, project) for each in some for project in sorted(each.projects)]
        levels = [(each.id, level) for each in self.connections for level in sorted(each.levels)]
        classes = [(each.id, name) for each in self.connections for name in sorted(each.classes)]
        return {
            "tenant": self.tenant,
            "whole": [each.id for each in self.connections if each.whole],
            **_columns(projects, "project_connections", "projects_seen"),
            **_columns(levels, "level_connections", "levels_seen"),
            **_columns(classes, "class_connections", "classes_seen"),
        }


def _columns(pairs: Sequence[tuple[Any, Any]], first: str, second: str) -> dict[str, list[Any]]:
    return {first: [pair[0] for pair in pairs], second: [pair[1] for pair in pairs]}


async def read_access(reader: Reader, viewer: Viewer) -> Access:
    """One statement: the live connections with what is granted in them to the viewer or to his role."""
    rows = await reader.fetch(_ACCESS, tenant=reader.tenant, role=viewer.role, user=str(viewer.user))
    found = (_of_row(row) for row in rows)
    return Access(reader.tenant, tuple(each for each in found if each is not None))


def _of_row(row: asyncpg.Record) -> ConnectionAccess | None:
    """None for a connection without a project: levels and classes alone show nothing."""
    held: dict[str, set[str]] = {"project": set(), "level": set(), "class": set()}
    for kind, value in zip(row["kinds"] or (), row["held"] or (), strict=True):
        held.setdefault(kind, set()).add(value)
    whole = EVERY_PROJECT in held["project"]
    projects = frozenset(int(value) for value in held["project"] if value != EVERY_PROJECT)
    if not whole and not projects:
        return None
    connection = LiveConnection(ConnectionId(row["connection_id"]), *(row[name] for name in _FACTS))
    levels, classes = frozenset(held["level"]), frozenset(held["class"])
    return ConnectionAccess(connection, whole, frozenset() if whole else projects, levels, classes)


_FACTS = ("base_url", "complete_as_of", "account_id")

_held = (
    select(func.array_agg(grants.c.kind).label("kinds"), func.array_agg(grants.c.value).label("held"))
    .where(
        of_tenant(grants),
        grants.c.connection_id == connections.c.connection_id,
        or_(
            and_(grants.c.subject_kind == "role", grants.c.subject == bound("role", Text())),
            and_(grants.c.subject_kind == "user", grants.c.subject == bound("user", Text())),
        ),
    )
    .lateral("held_grants")
)

_ACCESS = compile_read(
    select(connections.c.connection_id, *(connections.c[name] for name in _FACTS), _held.c.kinds, _held.c.held)
    .join_from(connections, _held, true())
    .where(of_tenant(connections), connections.c.deleted_at.is_(None))
    .order_by(connections.c.created_at, connections.c.connection_id)
)
