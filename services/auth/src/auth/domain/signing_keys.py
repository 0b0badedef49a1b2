"""When signing keys change: the ring of keys and the time in, the steps that bring it up to date out.

A key is published before it signs and stays published after it stopped, so that no verifier ever meets an unknown one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class KeyState(StrEnum):
    NEXT = "next"
    CURRENT = "current"
    RETIRING = "retiring"


@dataclass(frozen=True, slots=True)
class KeyLife:
    """One key's dates; `kid` is its public name."""

    kid: str
    created_at: datetime
    activated_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def state(self) -> KeyState:
        if self.activated_at is None:
            return KeyState.NEXT
        return KeyState.CURRENT if self.retired_at is None else KeyState.RETIRING


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a key signs, how long it is shown before that, and how long it is shown after."""

    signs_for: timedelta
    shown_before: timedelta
    shown_after: timedelta


@dataclass(frozen=True, slots=True)
class Create:
    """A fresh key joins the ring: as the next one, or as the current one of an empty ring."""

    state: KeyState


@dataclass(frozen=True, slots=True)
class Promote:
    kid: str


@dataclass(frozen=True, slots=True)
class Retire:
    kid: str


@dataclass(frozen=True, slots=True)
class Remove:
    kid: str


Step = Create | Promote | Retire | Remove


def next_steps(ring: Sequence[KeyLife], now: datetime, schedule: Schedule, *, at_once: bool = False) -> list[Step]:
    """What brings the ring up to date; `at_once` rotates before the time is over, but never to an unseen key."""
    current = next((key for key in ring if key.state is KeyState.CURRENT), None)
    waiting = next((key for key in ring if key.state is KeyState.NEXT), None)
    steps: list[Step] = [
        Remove(key.kid) for key in ring if key.retired_at is not None and now - key.retired_at >= schedule.shown_after
    ]
    if current is None:
        steps += [Promote(waiting.kid) if waiting else Create(KeyState.CURRENT), Create(KeyState.NEXT)]
        return steps
    if waiting is None:
        return [*steps, Create(KeyState.NEXT)]
    is_due = at_once or (current.activated_at is not None and now - current.activated_at >= schedule.signs_for)
    if is_due and now - waiting.created_at >= schedule.shown_before:
        steps += [Retire(current.kid), Promote(waiting.kid), Create(KeyState.NEXT)]
    return steps
