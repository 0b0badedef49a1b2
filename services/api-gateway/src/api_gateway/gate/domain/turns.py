"""Places and a waiting room: groups that ask come in, whose turn it is goes out; each group waits in its own line."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

Waiter = TypeVar("Waiter")


class Turns(Generic[Waiter]):
    """So many places for all. A group has at most `most` of them; those who wait go one group after another."""

    def __init__(self, places: int, most_waiting: int) -> None:
        self._free = places
        self._most_waiting = most_waiting
        self._held: dict[str, int] = {}
        self._lines: OrderedDict[str, deque[tuple[Waiter, int]]] = OrderedDict()

    def take(self, group: str, most: int) -> bool:
        """A place at once; nobody overtakes the line of his own group."""
        if self._free == 0 or group in self._lines or self._held.get(group, 0) >= most:
            return False
        self._occupy(group)
        return True

    def is_at_its_own_bound(self, group: str, most: int) -> bool:
        """Whether it is the group itself that holds all it may, rather than everybody together."""
        return self._held.get(group, 0) >= most

    def wait(self, group: str, most: int, waiter: Waiter) -> bool:
        """Joins the line of the group; False when it is too long."""
        line = self._lines.get(group)
        if line is not None and len(line) >= self._most_waiting:
            return False
        if line is None:
            line = self._lines[group] = deque()
        line.append((waiter, most))
        return True

    def give_up(self, group: str, waiter: Waiter) -> None:
        """Leaves the line, if still in it."""
        line = self._lines.get(group)
        if line is None:
            return
        left = deque(each for each in line if each[0] is not waiter)
        if left:
            self._lines[group] = left
        else:
            del self._lines[group]

    def give_back(self, group: str) -> Waiter | None:
        """Frees a place; returns the waiter who has it now."""
        self._free += 1
        held = self._held[group] - 1
        if held:
            self._held[group] = held
        else:
            del self._held[group]
        return self._next()

    def _next(self) -> Waiter | None:
        for group, line in self._lines.items():
            waiter, most = line[0]
            if self._held.get(group, 0) < most:
                line.popleft()
                if line:
                    self._lines.move_to_end(group)
                else:
                    del self._lines[group]
                self._occupy(group)
                return waiter
        return None

    def _occupy(self, group: str) -> None:
        self._free -= 1
        self._held[group] = self._held.get(group, 0) + 1
