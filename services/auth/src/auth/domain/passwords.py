"""Which new passwords are taken: a password and whose it is in, a refusal or nothing out.

A password is compared in Unicode's form NFC (RFC 8265), so that the same keys on another machine give the same
password, and its length is counted in code points; nothing is trimmed, folded or cut off.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from auth.domain.common_passwords import common_passwords
from auth.domain.errors import WeakPassword

MIN_LENGTH = 12
MAX_LENGTH = 128
#: So many characters must be left without the person's own words, runs of the keyboard and repetitions.
_OWN = 8
_SURPRISES = 6
_LEAST_WORD = 3

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_ROWS = ("01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_STEPS = frozenset(pair for row in _ROWS for pair in pairwise(row))


def normalised(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def check_new_password(password: str, email: str, *about: str) -> None:
    """`about` are names that others know: the person's and the tenant's."""
    text = normalised(password)
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise WeakPassword(detail=f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    folded = text.casefold()
    if _surprises(folded) < _SURPRISES:
        raise WeakPassword(detail="This password repeats itself or follows the keyboard.")
    if _is_common(folded):
        raise WeakPassword(detail="This is one of the passwords that everybody tries first.")
    if _left_without(folded, (email, *about)) < _OWN:
        raise WeakPassword(detail="This password is made of your address or a name; use words that nobody can know.")


def random_password() -> str:
    return secrets.token_urlsafe(18)


def _surprises(text: str) -> int:
    """How many characters do not follow from those before: next in the alphabet, on the keyboard, in a round."""
    for period in range(1, len(text) // 2 + 1):
        if all(text[at] == text[at - period] for at in range(period, len(text))):
            text = text[:period]
            break
    return sum(not _follows(before, after) for before, after in zip(" " + text, text, strict=False))


def _follows(before: str, after: str) -> bool:
    near = abs(ord(before) - ord(after)) <= 1 and before.isalnum() and after.isalnum()
    return near or before == after or (before, after) in _STEPS or (after, before) in _STEPS


def _is_common(folded: str) -> bool:
    """Itself, or a common word of almost its whole length with digits and signs around it."""
    whole, words = common_passwords()
    plain = folded.translate(_LEET)
    if folded in whole or plain in whole:
        return True
    for letters in (_core(folded), _core(folded).translate(_LEET), _core(plain)):
        for times in (1, 2, 3):
            word = letters[: len(letters) // times]
            if word in words and word * times == letters:
                return True
    return False


def _core(text: str) -> str:
    return re.sub(r"^[^a-z]+|[^a-z]+$", "", text)


def _left_without(folded: str, names: Iterable[str]) -> int:
    """How many letters and digits are no part of a name."""
    for name in names:
        for word in sorted(re.split(r"[\W_]+", name.casefold()), key=len, reverse=True):
            if len(word) >= _LEAST_WORD:
                folded = folded.replace(word, " ")
    return sum(char.isalnum() for char in folded)
