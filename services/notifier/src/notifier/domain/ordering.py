"""Positions of one feed arrive over many partitions and leave in order; a gap is waited for, but not for ever.

A feed's positions are dense, so the next one is known. Events of one issue share a partition and are in order anyway;
a project's are not, and a client whose offset went backwards would be sent things twice after a reconnect.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class InOrder(Generic[T]):
    """Everything below this position was let out before, or given up."""

    position: int
    item: T


@dataclass(frozen=True)
class Late(Generic[T]):
    """It came after its place had been given up; those above it are out already."""

    position: int
    item: T


Released = InOrder[T] | Late[T]


class Reorder(Generic[T]):
    """Holds what came early until the gap before it is filled or lasts longer than `patience` seconds.

    A place that was given up is remembered for `forget_after` seconds; then its event counts as lost.
    """

    def __init__(self, *, patience: float, forget_after: float = 30.0, max_waiting: int = 20_000) -> None:
        self._patience = patience
        self._forget_after = forget_after
        self._max_waiting = max_waiting
        self._next: int | None = None
        self._waiting: dict[int, T] = {}
        self._gap_since: float | None = None
        self._missing: dict[int, float] = {}
        self._lost_up_to = 0

    @property
    def held_back(self) -> int:
        """How many wait for a gap."""
        return len(self._waiting)

    def start_after(self, position: int, *, missing: Iterable[int] = (), now: float = math.inf) -> None:
        """Begins anew after a position; `missing` below it may still come, and count as lost if they do not."""
        self._next = position + 1
        self._waiting.clear()
        self._missing = dict.fromkeys(missing, now)
        self._gap_since = None

    def add(self, position: int, item: T, now: float) -> list[Released[T]]:
        """What may go out now that this has come; a repeated position changes nothing."""
        if self._next is None:
            self._next = position
        if position < self._next:
            return [Late(position, item)] if self._missing.pop(position, None) is not None else []
        self._waiting.setdefault(position, item)
        released = self._run()
        if not self._waiting:
            self._gap_since = None
        elif released or self._gap_since is None:
            self._gap_since = now
        while len(self._waiting) > self._max_waiting:
            released += self._give_up(now)
        return released

    def overdue(self, now: float) -> list[Released[T]]:
        """What may go out because the gap before it has lasted too long."""
        if self._gap_since is None or now - self._gap_since < self._patience:
            return []
        released = self._give_up(now)
        self._gap_since = now if self._waiting else None
        return released

    def lost_up_to(self, now: float) -> int | None:
        """The highest position that will not come any more, told once; None when nothing new was lost."""
        before = self._lost_up_to
        for position, since in list(self._missing.items()):
            if now - since < self._forget_after:
                break
            del self._missing[position]
            self._lost_up_to = max(self._lost_up_to, position)
        return self._lost_up_to if self._lost_up_to > before else None

    def _run(self) -> list[Released[T]]:
        released: list[Released[T]] = []
        while self._next is not None and self._next in self._waiting:
            released.append(InOrder(self._next, self._waiting.pop(self._next)))
            self._next += 1
        return released

    def _give_up(self, now: float) -> list[Released[T]]:
        lowest = min(self._waiting)
        first = self._next if self._next is not None else lowest
        if lowest - first > self._max_waiting:
            self._missing[lowest - 1] = -math.inf
        else:
            self._missing.update(dict.fromkeys(range(first, lowest), now))
        self._next = lowest
        return self._run()
