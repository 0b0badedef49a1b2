"""The running /openapi.json in; bodies, addresses and ids out that no client in good faith would send."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]

#: Bodies that are no object of any shape we take.
BROKEN_BODIES: dict[str, bytes] = {
    "empty": b"",
    "half": b"{",
    "text": b"hello",
    "null": b"null",
    "list": b"[]",
    "number": b"12345678901234567890123456789012345678901234567890",
    "infinity": b'{"a":1e999,"b":NaN}',
    "bytes": b"\x00\xff\xfe",
    "half a character": b'{"a":"\xd0"}',
    "nesting": b"[" * 50_000,
    "closed nesting": b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    "lone surrogate": b'{"\\ud800":"\\udfff"}',
    "nul": b'{"a\\u0000":"\\u0000"}',
    "digits": b'{"a":' + b"9" * 6_000 + b"}",
    "utf-16": '{"a":1}'.encode("utf-16"),
}

#: Values in the place of a good one.
HOSTILE_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**40,
    1.5e308,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "ё" * 70_000,
    "'; DROP TABLE users; --",
    "../../etc/passwd",
    [],
    ["\x00"],
    [[["x"]]],
    {},
    {"\x00": "\ud800"},
    {"$ne": None},
)

HOSTILE_TEXTS: tuple[str, ...] = (
    "%00",
    "%ED%A0%80",
    "%FF%FE",
    "%",
    "-1",
    "0",
    "999999999999999999999999999999",
    "1e9",
    "NaN",
    "51502-01-01",
    "0000-00-00T00:00:00Z",
    "2026-02-30",
    "2026-01-01T00:00:00%2B99:99",
    "AAAA",
    "%27%20OR%201=1--",
    "%F0%9F%92%A9",
    "a" * 9_000,
    ",".join(["x"] * 3_000),
    "",
)

#: In the place of an id: malformed, of another kind, of the right form but nobody's.
HOSTILE_IDS: tuple[str, ...] = (
    "x",
    "%00",
    "%ED%A0%80",
    "..%2F..%2Fetc%2Fpasswd",
    "iss_" + "0" * 26,
    "con_" + "z" * 26,
    "exp_" + "7" * 26,
    "usr_" + "0" * 26,
    "usr_" + "U" * 26,
    "A-99999999999999999999",
    "CLD-%D9%A1",
    "a" * 3_000,
    "%F0%9F%92%A9",
    "-",
)

_PREFIX_OF = {
    "connection": "con",
    "export": "exp",
    "user": "usr",
    "tenant": "ten",
    "session": "ses",
    "attachment": "att",
}

#: What a field needs to look like so that only the hostile one beside it is wrong. A sign-in stays one that is refused
#: before a password is checked: wrong passwords are counted, and the suite signs in from the same address.
_GOOD: Json = {
    "email": "not an address",
    "base_url": "http://10.0.0.1",
    "deployment": "auto",
    "auth": {"method": "basic", "username": "u", "password": "p"},
    "source": {"issues": ["CLD-1"]},
}


@dataclass(frozen=True)
class Operation:
    """One method of one path, with its parameters and the shape of its body."""

    method: str
    path: str
    query: tuple[str, ...]
    fields: tuple[str, ...] | None
    required: tuple[str, ...] = ()

    def address(self, ident: str | None = None) -> str:
        """The path with an id of the right form that nobody has, or with this one."""
        parts = []
        for part in self.path.split("/"):
            name = part[1:-1] if part.startswith("{") else None
            parts.append(part if name is None else ident or f"{_PREFIX_OF.get(name, 'iss')}_{'0' * 26}")
        return "/".join(parts)

    def bodies(self, dice: random.Random, each: int) -> Iterator[Json]:
        """Per field a few hostile values among good ones, and one body with an unknown field."""
        good = {name: _GOOD.get(name, "x") for name in self.required}
        for name in self.fields or ():
            for value in dice.sample(HOSTILE_VALUES, each):
                yield {**good, name: value}
        yield {**good, "no_such_field": 1}


def operations(document: Json) -> list[Operation]:
    """Every operation that the document names."""
    found = []
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            query = tuple(one["name"] for one in entry.get("parameters", ()) if one["in"] == "query")
            schema = _schema(document, entry.get("requestBody", {}).get("content", {}).get("application/json"))
            fields = None if schema is None else tuple(schema.get("properties", {}))
            required = tuple((schema or {}).get("required", ()))
            found.append(Operation(method.upper(), path, query, fields, required))
    return found


def _schema(document: Json, content: Json | None) -> Json | None:
    if content is None:
        return None
    schema: Json = content["schema"]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def faults_of(answer: httpx.Response) -> list[str]:
    """What an answer lacks that every answer of ours has: no 5xx, a problem with a code, an id, safe headers."""
    said = []
    if answer.status_code >= 500 and not _is_documented(answer):
        said.append("5xx")
    lacking = ("x-content-type-options", "content-security-policy", "referrer-policy", "x-request-id")
    said += [f"no {name}" for name in lacking if name not in answer.headers]
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        said += _problem_faults(answer)
    return said


def _is_documented(answer: httpx.Response) -> bool:
    """A busy service says when to come back; a Jira that does not answer is named as such."""
    if answer.status_code == 503:
        return "retry-after" in answer.headers or b'"code"' in answer.content
    return answer.status_code == 502 and b'"code":"jira.' in answer.content


def _problem_faults(answer: httpx.Response) -> list[str]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return [f"is {answer.headers.get('content-type')}, not a problem"]
    body = answer.json()
    said = [] if isinstance(body.get("code"), str) and "." in body["code"] else [f"code {body.get('code')!r}"]
    if body.get("status") != answer.status_code or not body.get("title"):
        said.append(f"status {body.get('status')} title {body.get('title')!r}")
    if body.get("request_id") != answer.headers.get("x-request-id"):
        said.append("another request_id")
    return said
