"""Typed ids: uuids inside and in Postgres, `prefix_` and 26 base32 characters in public."""

import hashlib
from typing import NewType
from uuid import UUID

import uuid_utils.compat

from common.errors import AppError, ErrorKind

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
IssueId = NewType("IssueId", UUID)
CommentId = NewType("CommentId", UUID)
WorklogId = NewType("WorklogId", UUID)
AttachmentId = NewType("AttachmentId", UUID)
ExportId = NewType("ExportId", UUID)
FilterId = NewType("FilterId", UUID)
TemplateId = NewType("TemplateId", UUID)
TokenId = NewType("TokenId", UUID)
SessionId = NewType("SessionId", UUID)
EventId = NewType("EventId", UUID)

#: The platform itself: where operators' sessions and audit entries stand. No tenant ever has it.
PLATFORM = TenantId(UUID(int=0))

PREFIXES = (
    *("ten", "usr", "con", "iss", "com", "wkl", "att", "his", "exp", "flt", "tpl", "tok", "ses", "evt"),
    *("gra", "inv"),
)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i, l, o, u
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_LENGTH = 26
# Two characters at a time: a list of issues makes an id for each row.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)


class InvalidId(AppError):
    """That is not an id of this kind."""

    kind, code = ErrorKind.INVALID, "request.invalid_id"


def new_id() -> UUID:
    """A UUIDv7: ids made later sort later."""
    return uuid_utils.compat.uuid7()


def public_id(prefix: str, value: UUID) -> str:
    """`iss` and a uuid → `iss_01h455vb4pex5vsknk084sn02q`."""
    number = value.int
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS]
    return f"{prefix}_{''.join(pairs)}"


def parse_id(prefix: str, text: str) -> UUID:
    """The uuid behind a public id; raises `InvalidId` for another kind, another length or foreign characters."""
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != _LENGTH or not all(char in _VALUES for char in tail) or tail[0] > "7":
        raise InvalidId(detail=f"Expected an id like {prefix}_ and {_LENGTH} characters.")
    number = 0
    for char in tail:
        number = number << 5 | _VALUES[char]
    return UUID(int=number)


def is_id(prefix: str, text: str) -> bool:
    """Whether a text has the form of a public id of this kind."""
    try:
        parse_id(prefix, text)
    except InvalidId:
        return False
    return True


def derive_issue_id(tenant: TenantId, site: str, jira_id: int | str) -> IssueId:
    """The id of an issue: the same for tenant, site and Jira's numeric id, so it survives a reconnect."""
    return IssueId(_derive("iss", tenant, site, str(jira_id)))


def derive_child_id(prefix: str, tenant: TenantId, site: str, jira_id: int | str) -> UUID:
    """The id of a comment (`com`), worklog (`wkl`), attachment (`att`) or history entry (`his`), derived likewise."""
    return _derive(prefix, tenant, site, str(jira_id))


def _derive(prefix: str, tenant: UUID, site: str, jira_id: str) -> UUID:
    name = "\x1f".join((prefix, tenant.hex, site, jira_id)).encode()
    raw = bytearray(hashlib.blake2b(name, digest_size=16, person=b"jira-export-id").digest())
    raw[6] = raw[6] & 0x0F | 0x80  # version 8: by our own rule
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))
