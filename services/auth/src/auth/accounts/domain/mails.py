"""Mails before they are texts: what happened and for whom; they wait sealed, because some carry a token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

#: How long a mail is tried; the link in it may live longer or shorter.
MAIL_LIFE = timedelta(hours=24)
_FIRST_WAIT = timedelta(seconds=20)
_LONGEST_WAIT = timedelta(minutes=30)


class MailKind(StrEnum):
    INVITATION = "invitation"
    #: Somebody asked for a new password: whether there is an account is found out by the sender, not by who asks.
    RESET_ASKED = "reset_asked"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `values` are what its text speaks of."""

    kind: MailKind
    to: str
    locale: str
    expires: datetime
    values: Mapping[str, str] = field(default_factory=dict)


def wait_before_try(tries: int) -> timedelta:
    """Longer each time: a server that is away is not asked without pause."""
    return min(_FIRST_WAIT * (1 << min(tries, 10)), _LONGEST_WAIT)
