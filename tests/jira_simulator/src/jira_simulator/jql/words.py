"""A text search (`summary ~ "word"`) in, a test over texts out: words, prefixes with *, quoted phrases."""

import re
from collections.abc import Callable

from jira_simulator.jql.errors import JqlRefused

_WORD = re.compile(r"\w+")
_TERM = re.compile(r'"([^"]*)"|(\S+)')


def word_test(query: str) -> Callable[[str], bool]:
    """All terms must be there; without stemming, which the simulator does not imitate."""
    phrases: list[list[str]] = []
    for phrase, term in _TERM.findall(query):
        text = phrase or term
        if re.search(r"[~^?+!{}\[\]]", text):
            raise JqlRefused(f"The simulator cannot evaluate the text search operator in '{text}'.")
        words = _WORD.findall(text.lower())
        if words:
            phrases.append([*words[:-1], words[-1] + "*"] if text.endswith("*") else words)
    if not phrases:
        raise JqlRefused(f"The text query '{query}' has no word to look for.")
    return lambda text: _holds(_WORD.findall(text.lower()), phrases)


def _holds(words: list[str], phrases: list[list[str]]) -> bool:
    return all(any(_matches(words, at, phrase) for at in range(len(words))) for phrase in phrases)


def _matches(words: list[str], at: int, phrase: list[str]) -> bool:
    if at + len(phrase) > len(words):
        return False
    for offset, wanted in enumerate(phrase):
        word = words[at + offset]
        if word != wanted and not (wanted.endswith("*") and word.startswith(wanted[:-1])):
            return False
    return True
