"""The passwords that everybody tries first: a list that ships with the code, its sources named in its head."""

from functools import cache
from importlib.resources import files


@cache
def common_passwords() -> tuple[frozenset[str], frozenset[str]]:
    """Whole passwords, and the words that short common passwords are made of."""
    text = files("auth.domain").joinpath("common_passwords.txt").read_text("utf-8")
    whole, _, words = text.partition("\n\n")
    return _lines(whole), _lines(words)


def _lines(text: str) -> frozenset[str]:
    return frozenset(line for line in text.splitlines() if line and not line.startswith("# "))
