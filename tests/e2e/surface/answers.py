"""Two answers in; where they differ out, but for what differs between any two requests."""

import json
import re

import httpx

#: Differs between any two answers, whatever was asked: the mirror is polled meanwhile.
_VOLATILE = {"date", "x-request-id", "content-length", "ratelimit", "x-data-as-of"}
_REQUEST_ID = re.compile(r"req_[0-9a-z]{26}")


def shape(answer: httpx.Response, asked: str) -> tuple[int, dict[str, str], str]:
    """What an answer tells, with the value that was asked for taken out."""

    def plain(text: str) -> str:
        return _REQUEST_ID.sub("req", text.replace(asked, "{asked}"))

    headers = {name: plain(value) for name, value in answer.headers.items() if name not in _VOLATILE}
    return answer.status_code, headers, plain(answer.text)


def difference(one: httpx.Response, asked: str, other: httpx.Response, other_asked: str) -> str | None:
    """None when the two cannot be told apart."""
    left, right = shape(one, asked), shape(other, other_asked)
    if left == right:
        return None
    if left[0] != right[0]:
        return f"{left[0]} {left[2][:150]} / {right[0]} {right[2][:150]}"
    names = {name for name in left[1].keys() | right[1].keys() if left[1].get(name) != right[1].get(name)}
    if names:
        return "headers " + ", ".join(f"{name}: {left[1].get(name)} / {right[1].get(name)}" for name in sorted(names))
    return f"{left[0]} {left[2][:200]} / {right[2][:200]}"


def is_empty(answer: httpx.Response) -> bool:
    """A list or a download with nothing in it."""
    if "json" not in answer.headers.get("content-type", "") or not answer.content:
        return len(answer.text.splitlines()) <= 1
    try:
        body = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return False
    return isinstance(body, dict) and body.get("items") == []


def everything_of(answer: httpx.Response) -> str:
    """Body and headers as one text."""
    return "\n".join([*(f"{name}: {value}" for name, value in answer.headers.items()), answer.text])
