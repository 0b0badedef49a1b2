"""One ring of seconds for all connections: pings, pong deadlines, token ends; who asked to be woken comes out."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """Items fall due after whole seconds; one timer turns it, whatever the number of connections."""

    def __init__(self, slots: int = 64) -> None:
        self._slots: list[deque[tuple[int, T]]] = [deque() for _ in range(slots)]
        self._tick = 0

    def schedule(self, item: T, seconds: int) -> None:
        """Puts an item `seconds` turns ahead, at least one."""
        due = self._tick + max(1, seconds)
        self._slots[due % len(self._slots)].append((due, item))

    def turn(self) -> list[T]:
        """One second passes: the items that are due now."""
        self._tick += 1
        slot = self._slots[self._tick % len(self._slots)]
        due = [item for tick, item in slot if tick <= self._tick]
        self._slots[self._tick % len(self._slots)] = deque(entry for entry in slot if entry[0] > self._tick)
        return due
