"""What is said to a client becomes one line of JSON with its size in bytes; lines are joined into frames when sent."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from notifier.domain.codes import Ending, Failure


class Line(NamedTuple):
    """One JSON object as it goes on the wire."""

    text: str
    size: int


class Position(NamedTuple):
    """Where a channel's feed stands."""

    epoch: str
    offset: int


PING = Line("{}", 2)


def _line(text: str) -> Line:
    return Line(text, len(text) if text.isascii() else len(text.encode()))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def reply(number: int, method: str, body: dict[str, Any]) -> Line:
    """The good answer to a command."""
    return _line(_dump({"id": number, method: body}))


def failure(number: int, error: Failure) -> Line:
    """The bad answer to a command."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.temporary:
        body["temporary"] = True
    return _line(_dump({"id": number, "error": body}))


def subscribed(
    number: int, position: Position, *, recovering: bool, publications: Iterable[tuple[int, str]] | None
) -> Line:
    """The answer to a subscribe: position, and after a recovery what was missed as (offset, JSON of the data)."""
    head = _dump({"recoverable": True, "positioned": True, "epoch": position.epoch, "offset": position.offset})[:-1]
    tail = ""
    if recovering:
        tail = f',"was_recovering":true,"recovered":{"false" if publications is None else "true"}'
        if missed := ",".join(f'{{"offset":{offset},"data":{data}}}' for offset, data in publications or ()):
            tail += f',"publications":[{missed}]'
    return _line(f'{{"id":{number},"subscribe":{head}{tail}}}}}')


def pushed(channel: str, offset: int, data: str) -> Line:
    """A publication on its way to the subscribers of a channel name."""
    return _line(f'{{"push":{{"channel":{_dump(channel)},"pub":{{"offset":{offset},"data":{data}}}}}}}')


def unsubscribed(channel: str, ending: Ending) -> Line:
    """Tells a client that a subscription ended."""
    return _line(_dump({"push": {"channel": channel, "unsubscribe": {"code": ending.code, "reason": ending.reason}}}))


def disconnected(ending: Ending) -> Line:
    """Tells a client why the socket will be closed, for those that cannot see close codes."""
    return _line(_dump({"push": {"disconnect": {"code": ending.code, "reason": ending.reason}}}))
