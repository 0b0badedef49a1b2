"""Tokens of the links in mails: 256 random bits that are known to the mail alone; what is kept is a hash."""

import secrets
from datetime import timedelta

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)

_INVITATION = "jei_"
_RESET = "jep_"


def invitation_token() -> str:
    return _INVITATION + secrets.token_urlsafe(32)


def reset_token() -> str:
    return _RESET + secrets.token_urlsafe(32)
