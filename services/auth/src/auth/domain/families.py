"""The life of a refresh family: a presented token and the family's state in, what happens to both out.

A family is one line of tokens: each is used once and replaced by the next. Coming back for a reply that got lost
is allowed for ten seconds and yields the same successor; a later second use proves a copy and ends the family.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

GRACE = timedelta(seconds=10)
_PREFIX = "jer_"


@dataclass(frozen=True, slots=True)
class Family:
    """The line as it stands: `generation` is the number of its only living token."""

    generation: int
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A token of the family that somebody shows: its number, and when it was first exchanged."""

    generation: int
    used_at: datetime | None = None


class Verdict(Enum):
    ROTATE = auto()  # the living token: it is replaced by the next one
    REPEAT = auto()  # the reply got lost: the same successor again
    REFUSE = auto()  # over, or a late double of a request that was answered: nothing changes
    REVOKE = auto()  # used again after the grace: somebody holds a copy


def judge(family: Family, token: Presented, now: datetime) -> Verdict:
    if family.revoked_at is not None or now >= family.expires_at:
        return Verdict.REFUSE
    if token.generation == family.generation:
        return Verdict.ROTATE
    if token.used_at is None or now - token.used_at > GRACE:
        return Verdict.REVOKE
    # The successor was used, so its reply did arrive: a second line is never opened beside it.
    return Verdict.REPEAT if token.generation == family.generation - 1 else Verdict.REFUSE


def next_expiry(now: datetime, idle: timedelta, session_end: datetime) -> datetime:
    return min(now + idle, session_end)


def first_token() -> str:
    return _written(secrets.token_bytes(32))


def successor_of(token: str, salt: bytes) -> str:
    """The same token and salt give the same successor; neither the token nor the stored salt alone tells it."""
    return _written(hmac.new(token.encode(), b"jira-export refresh successor" + salt, hashlib.sha256).digest())


def fingerprint(token: str) -> bytes:
    """What is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _written(secret: bytes) -> str:
    return _PREFIX + urlsafe_b64encode(secret).rstrip(b"=").decode()
