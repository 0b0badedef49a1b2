"""A JQL text in, tokens out."""

import re
from dataclasses import dataclass
from typing import Literal

from jira_simulator.jql.errors import JqlRefused

Kind = Literal["word", "string", "operator", "punctuation", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<operator><=|>=|!=|!~|=|<|>|~)
  | (?P<logic>&&|\|\||&|\||!)
  | (?P<punctuation>[(),])
  | (?P<word>(?:cf\[\d+\])|[^\s"'=!<>~()&|,\[\]{};?^$%@#*/\\]+)
  )""",
    re.VERBOSE | re.IGNORECASE,
)
_LOGIC = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

# Reserved in Jira: such a word is no value unless it is quoted.
_RESERVED_WORDS = """
    abort access add after alias all alter and any are as asc at audit avg be before begin between boolean
    break but by byte catch cf char character check checkpoint collate collation column commit connect
    continue count create current date decimal declare decrement default defaults define delete delimiter desc
    difference distinct divide do double drop else empty encoding end equals escape exclusive exec execute
    exists explain false fetch file field first float for from function go goto grant greater group having
    identified if immediate in increment index initial inner inout input insert int integer intersect
    intersection into is isempty isnull it join last left less like limit lock long max min minus mode modify
    modulo more multiply next no noaudit not notin nowait null number object of on option or order outer
    output power previous prior privileges public raise raw remainder rename resource return returns revoke
    right row rowid rownum rows select session set share size smallint some sqrt start strict string subtract
    such sum synonym table that the their then there these they this to trans transaction trigger true uid
    union unique update user validate values view was when whenever where while will with
"""
RESERVED = frozenset(_RESERVED_WORDS.split())


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            bad = text[at:].lstrip()[:1]
            raise JqlRefused(
                f"Error in the JQL Query: The character '{bad}' is a reserved JQL character. You must enclose it in "
                f"a string or use the escape '\\u{ord(bad):04x}' instead. (line 1, character {at + 1})"
            )
        found.append(_token(match))
        at = match.end()
    found.append(Token("end", "", end))
    return found


def _token(match: re.Match[str]) -> Token:
    group = match.lastgroup or ""
    text, at = match[group], match.start(group)
    if group == "string":
        return Token("string", _ESCAPE.sub(r"\1", text[1:-1]), at)
    if group == "logic":
        return Token("word", _LOGIC[text], at)
    if group == "operator":
        return Token("operator", text, at)
    return Token("punctuation" if group == "punctuation" else "word", text, at)
