"""A person's token in; a WebSocket that subscribes and keeps what it hears out."""

import json
import time
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import connect

from surface.people import Person


class Socket:
    """Speaks the Centrifugo protocol in JSON, one command at a time."""

    def __init__(self, url: str, person: Person) -> None:
        self._door = connect(url, proxy=None, max_size=2**22)
        self._connection = self._door.__enter__()
        self._number = 0
        self.heard: list[dict[str, Any]] = []
        self.raw: list[str] = []
        answer = self.command("connect", {"token": person.token})
        assert "connect" in answer, answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.__exit__(kind, error, trace)

    def command(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """The reply to one command; what was pushed meanwhile is kept."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, name: body}))
        end = time.monotonic() + 15
        while True:
            for frame in self._frames(end - time.monotonic()):
                if frame.get("id") == self._number:
                    return {name: value for name, value in frame.items() if name != "id"}

    def subscribe(self, channel: str) -> dict[str, Any]:
        return self.command("subscribe", {"channel": channel})

    def listen(self, seconds: float) -> None:
        """Keeps what comes until this much time has gone by."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._frames(left)
            except TimeoutError:
                return

    def _frames(self, seconds: float) -> list[dict[str, Any]]:
        text = self._connection.recv(timeout=max(seconds, 0.001))
        assert isinstance(text, str)
        self.raw.append(text)
        frames = [json.loads(line) for line in text.split("\n") if line]
        for frame in frames:
            if not frame:
                self._connection.send("{}")  # the server's ping
        self.heard += [frame["push"] for frame in frames if "push" in frame]
        return frames
