"""A text frame of a client becomes commands, or `MalformedFrame`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_MAX_ID = 2**32 - 1
_MAX_OFFSET = 2**53


class MalformedFrame(Exception):
    """The frame is no sequence of JSON commands."""


@dataclass(frozen=True)
class Pong:
    """The empty object: an answer to our ping."""


@dataclass(frozen=True)
class Connect:
    """The first command, with the access token unless the upgrade carried it."""

    id: int
    token: str


@dataclass(frozen=True)
class Refresh:
    """A new access token for the open connection."""

    id: int
    token: str


@dataclass(frozen=True)
class Since:
    """How far a client had read a channel."""

    epoch: str
    offset: int


@dataclass(frozen=True)
class Subscribe:
    """Asks for a channel, and with `since` for what was missed."""

    id: int
    channel: str
    since: Since | None = None
    reject_unrecovered: bool = False
    filtered: bool = False


@dataclass(frozen=True)
class Unsubscribe:
    """Ends one subscription."""

    id: int
    channel: str


@dataclass(frozen=True)
class SubRefresh:
    """A new token for a subscription; ours have none."""

    id: int
    channel: str


@dataclass(frozen=True)
class History:
    """Asks for the position of a channel (limit 0) or for old publications."""

    id: int
    channel: str
    limit: int


@dataclass(frozen=True)
class Refused:
    """A command of the protocol that this server never carries out: publish, presence, presence_stats, rpc, send."""

    id: int
    method: str
    named: bool = False


@dataclass(frozen=True)
class Unknown:
    """A command without a method that we know."""

    id: int


Command = Pong | Connect | Refresh | Subscribe | Unsubscribe | SubRefresh | History | Refused | Unknown

_REFUSED = ("publish", "presence", "presence_stats", "rpc", "send")


def parse_frame(text: str) -> Iterator[Command]:
    """The commands of a frame in their order; a bad one raises only after those before it were taken."""
    for line in text.split("\n"):
        if line.strip():
            yield _parse_command(_load(line))


def _load(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise MalformedFrame("a command is not JSON") from None
    if not isinstance(found, dict):
        raise MalformedFrame("a command is not an object")
    return found


def _parse_command(raw: dict[str, Any]) -> Command:
    if not raw:
        return Pong()
    number = _integer(raw, "id", _MAX_ID)
    for method, build in _BUILDERS.items():
        if method in raw:
            if number == 0:
                raise MalformedFrame("a command needs an id above zero")
            return build(number, _object(raw, method))
    for method in _REFUSED:
        if method in raw:
            body = _object(raw, method)
            return Refused(number, method, named=bool(body.get("method")))
    if number == 0:
        raise MalformedFrame("a command needs an id above zero")
    return Unknown(number)


def _connect(number: int, body: dict[str, Any]) -> Connect:
    return Connect(number, _text(body, "token"))


def _refresh(number: int, body: dict[str, Any]) -> Refresh:
    return Refresh(number, _text(body, "token"))


def _subscribe(number: int, body: dict[str, Any]) -> Subscribe:
    since = Since(_text(body, "epoch"), _integer(body, "offset", _MAX_OFFSET)) if body.get("recover") is True else None
    flags = _integer(body, "flag", _MAX_OFFSET)
    return Subscribe(number, _text(body, "channel"), since, bool(flags & 2), body.get("tf") is not None)


def _unsubscribe(number: int, body: dict[str, Any]) -> Unsubscribe:
    return Unsubscribe(number, _text(body, "channel"))


def _sub_refresh(number: int, body: dict[str, Any]) -> SubRefresh:
    return SubRefresh(number, _text(body, "channel"))


def _history(number: int, body: dict[str, Any]) -> History:
    limit = body.get("limit", 0)
    if not isinstance(limit, int) or isinstance(limit, bool) or not -1 <= limit <= _MAX_OFFSET:
        raise MalformedFrame("limit is not a number")
    return History(number, _text(body, "channel"), limit)


_BUILDERS: dict[str, Callable[[int, dict[str, Any]], Command]] = {
    "connect": _connect,
    "refresh": _refresh,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "sub_refresh": _sub_refresh,
    "history": _history,
}


def _object(raw: dict[str, Any], name: str) -> dict[str, Any]:
    body = raw[name]
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise MalformedFrame(f"{name} is not an object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedFrame(f"{name} is not a text")
    return value


def _integer(body: dict[str, Any], name: str, highest: int) -> int:
    value = body.get(name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise MalformedFrame(f"{name} is not a whole number in range")
    return value
