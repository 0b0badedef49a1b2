"""Which new passwords are taken: a password and whose it is in, a refusal or nothing out."""

import secrets

from auth.domain.errors import WeakPassword

MIN_LENGTH = 12
MAX_LENGTH = 128


def check_new_password(password: str, email: str) -> None:
    folded = password.casefold()
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword(detail=f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if len(set(folded)) < 4 or folded in email.casefold():
        raise WeakPassword(detail="This password is too easy to guess: use more characters, and not the address.")


def random_password() -> str:
    return secrets.token_urlsafe(18)
