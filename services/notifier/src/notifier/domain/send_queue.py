"""What one client still has to get: lines go in, frames come out; too many bytes or too old a line means slow."""

from collections import deque
from typing import NamedTuple

from notifier.domain.lines import Line

_FRAME_BYTES = 32 * 1024


class _Owed(NamedTuple):
    line: Line
    since: float
    counted: int


class SendQueue:
    """Bounded by bytes and by the age of its oldest line, what is being written included.

    Answers do not count against the bytes: a recovery may be large, and the reader takes no
    further command while much is owed.
    """

    def __init__(self, max_bytes: int, max_age: float) -> None:
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._lines: deque[_Owed] = deque()
        self._counted = 0
        self._writing_counted = 0
        self._writing_since: float | None = None
        self._written_size = 0
        #: All bytes that are not out yet.
        self.owed = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def is_writing(self) -> bool:
        """Whether a frame was taken and is not out yet."""
        return self._writing_since is not None

    def answer(self, line: Line, now: float) -> None:
        """Takes the answer to a command."""
        self._lines.append(_Owed(line, now, 0))
        self.owed += line.size

    def offer(self, line: Line, now: float) -> bool:
        """Takes a push; False when the client is too slow for it."""
        pushes = self._counted + self._writing_counted
        if self.is_slow(now) or (pushes and pushes + line.size > self._max_bytes):
            return False
        self._lines.append(_Owed(line, now, line.size))
        self._counted += line.size
        self.owed += line.size
        return True

    def is_slow(self, now: float) -> bool:
        """Whether the oldest line waits too long."""
        oldest = self._writing_since
        if oldest is None and self._lines:
            oldest = self._lines[0].since
        return oldest is not None and now - oldest > self._max_age

    def take(self) -> str:
        """The next frame: as many lines as fit in it, at least one. `written` must follow."""
        first = self._lines.popleft()
        texts, size, counted = [first.line.text], first.line.size, first.counted
        while self._lines and size + self._lines[0].line.size < _FRAME_BYTES:
            owed = self._lines.popleft()
            texts.append(owed.line.text)
            size += owed.line.size
            counted += owed.counted
        self._counted -= counted
        self._writing_counted, self._writing_since = counted, first.since
        self._written_size = size
        return "\n".join(texts)

    def written(self) -> None:
        """The frame that was taken is out."""
        self.owed -= self._written_size
        self._writing_counted, self._writing_since = 0, None
