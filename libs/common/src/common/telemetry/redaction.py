"""Takes secrets out of whatever is written down: log fields, messages, tracebacks, reports of errors.

By name (a field called `password`), by form (a JWT, a DSN, a query), and by value (what the settings hold).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretBytes, SecretStr

HIDDEN = "[hidden]"
_LONGEST = 20_000
_SHORT = 60
_DEEPEST = 14
_SHORTEST_SECRET = 8

_WORDS = (
    r"pass(?:word|wd|phrase)s?|pwd|secrets?|tokens?|authorization|cookies?|api[_-]?keys?|credentials?|master[_-]?keys?"
    r"|private[_-]?keys?|signature|csrf|dsns?|verifier|assertion|x-amz-credential"
)
_SECRET_NAME = re.compile(_WORDS, re.IGNORECASE)
#: Names that hold such a word and no secret.
_HARMLESS = frozenset({"token_kind", "tokens_url", "jwks_url", "token_id"})
#: What nearly every line holds, and nobody keeps secret.
_PUBLIC_ID = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What pydantic and query parsers call the text that somebody sent.
_GIVEN = frozenset({"input", "input_value", "query_string"})

#: name=value, "name": "value", ('name', 'value') as headers are shown.
_PAIR = (
    rf"(?i)((?:\b|_)[\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}})"
    r"(\\*[\"']\s*:\s*|[\"']\s*,\s*(?=b?[\"'])|\s*=>?\s*|:\s+)"
    r"(?:b?\"(?:[^\"\\]|\\.)*\"|b?'(?:[^'\\]|\\.)*'|[^\s,;&)\]}]+)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"(?s)-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", HIDDEN),
        # A message of pydantic, whose value may be of any length and form.
        (r"(?s)input_value=.*?(?=, input_type=|\]\s|\Z)", f"input_value={HIDDEN}"),
        (r"(?i)\b((?:set-)?cookie)\b([\"']?\s*[:=,]\s*)[^\r\n]+", rf"\1\2{HIDDEN}"),
        # user:password@ of an address, also where the password holds colons or at signs.
        (r"(?<=://)[^\s/?#\"']+(?=@)", HIDDEN),
        # Every query of an address: links of invitations and resets, codes of a sign-in, presigned files.
        (r"(?<=[\w/.\-])\?[\w.%~\[\]-]+=[^\s\"'<>)]*", f"?{HIDDEN}"),
        (r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*){0,3}", HIDDEN),
        (
            r"(?i)\b(basic|bearer|digest|internal|negotiate)[ \t]+(?=[^\s]*\d|[\w+/=.~-]{12,})[\w+/=.~:-]{4,}",
            rf"\1 {HIDDEN}",
        ),
        (_PAIR, rf"\1\2{HIDDEN}"),
        # Our own tokens, and keys of 32 bytes in base64.
        (r"\bje[a-z]{1,2}_[\w-]{16,}", HIDDEN),
        (r"(?<![\w+/-])[A-Za-z0-9+/_-]{43}=", HIDDEN),
        # Anything long that only a generator writes: small and capital letters and digits in one word.
        (r"(?<![\w/.-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[A-Za-z0-9_-]{32,}(?![\w/-])", HIDDEN),
    )
)


class _Known:
    """The secrets of this process' settings, found wherever they stand."""

    pattern: re.Pattern[str] | None = None
    values: frozenset[str] = frozenset()


def know_secrets(settings: BaseModel) -> None:
    """Remembers every secret value of some settings; passwords inside of addresses are values too."""
    values = _Known.values | {value for value in _secrets_of(settings) if len(value) >= _SHORTEST_SECRET}
    _Known.values = frozenset(values)
    _remembered.cache_clear()
    longest_first = sorted(values, key=len, reverse=True)
    _Known.pattern = re.compile("|".join(re.escape(value) for value in longest_first)) if values else None


def _secrets_of(value: Any) -> set[str]:
    if isinstance(value, BaseModel):
        return {each for name in type(value).model_fields for each in _secrets_of(getattr(value, name))}
    if isinstance(value, Mapping):
        return {each for inner in value.values() for each in _secrets_of(inner)}
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        try:
            password = urlsplit(text).password if "://" in text else None
        except ValueError:
            password = None
        return {text} | ({password, unquote(password)} if password else set())
    return set()


def redacted_text(text: str) -> str:
    """A text without what is, or looks like, a secret."""
    if len(text) > _SHORT:
        return _without_secrets(text)
    return text if _PUBLIC_ID.fullmatch(text) else _remembered(text)


@lru_cache(maxsize=4_096)
def _remembered(text: str) -> str:
    """Routes, codes and names of events come again and again."""
    return _without_secrets(text)


def _without_secrets(text: str) -> str:
    if len(text) > _LONGEST * 2:
        text = text[: _LONGEST * 2]
    if _Known.pattern is not None:
        text = _Known.pattern.sub(HIDDEN, text)
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    return name in _GIVEN or (name not in _HARMLESS and _SECRET_NAME.search(name) is not None)


def redacted(value: Any, name: str = "", depth: int = 0) -> Any:
    """Any value without secrets, made of plain parts."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_secret_name(name) or isinstance(value, SecretStr | SecretBytes) or depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redacted_text(bytes(value[: _LONGEST * 2]).decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {redacted_text(str(key)): redacted(inner, str(key), depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return _redacted_row(list(value), depth)
    return redacted_text(_shown(value))


def _redacted_row(values: list[Any], depth: int) -> list[Any]:
    """A pair whose first is a secret's name, as headers come, hides its second."""
    if len(values) == 2 and isinstance(values[0], str | bytes):
        first = values[0] if isinstance(values[0], str) else values[0].decode("latin-1")
        return [redacted_text(first), redacted(values[1], first, depth + 1)]
    return [redacted(inner, "", depth + 1) for inner in values]


def _shown(value: Any) -> str:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"
