"""Grants of a connection: who may see which of its projects, levels and classes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import AppError, ErrorKind, register_translations

EVERY_PROJECT = "*"
#: More would make each read of each viewer slow.
MOST = 5_000


class GrantNotFound(AppError):
    """There is no such grant."""

    kind, code = ErrorKind.NOT_FOUND, "grant.not_found"


class GrantExists(AppError):
    """Just this is granted already."""

    kind, code = ErrorKind.CONFLICT, "grant.exists"


class UnknownProject(AppError):
    """The mirror of this connection has no such project."""

    kind, code = ErrorKind.UNPROCESSABLE, "grant.unknown_project"


class TooManyGrants(AppError):
    """A connection has room for 5,000 grants; grant to roles instead of users."""

    kind, code = ErrorKind.UNPROCESSABLE, "grant.too_many"


register_translations(
    {
        "grant.not_found": "Такого разрешения нет.",
        "grant.exists": "Именно это уже разрешено.",
        "grant.unknown_project": "В зеркале этого подключения нет такого проекта.",
        "grant.too_many": "У подключения может быть не больше 5000 разрешений; давайте их ролям, а не людям.",
    }
)


@dataclass(frozen=True)
class Wanted:
    """What is to be granted to whom; `subject` is a role's name or a user's uuid as text."""

    subject_kind: str
    subject: str
    kind: str
    value: str


@dataclass(frozen=True)
class Grant:
    """A grant that stands."""

    id: UUID
    what: Wanted
    created_at: datetime
    created_by: UUID | None
    name: str | None = None


#: A new connection is seen by who administers the tenant, until somebody decides who else may.
DEFAULT_GRANTS = tuple(Wanted("role", role, "project", EVERY_PROJECT) for role in ("owner", "admin"))
