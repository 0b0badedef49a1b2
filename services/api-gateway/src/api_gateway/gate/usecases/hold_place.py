"""A request waits for its turn among those of its tenant and of all tenants, and holds a place until it is done."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from api_gateway.gate.domain.turns import Turns
from api_gateway.metrics import HELD_PLACES, LIMITED
from common.errors import AppError, ErrorKind, register_translations


class TooManyAtOnce(AppError):
    """Too many requests of yours run at once; wait for some of them to end."""

    kind, code = ErrorKind.TOO_MANY, "limits.concurrency"


class Overloaded(AppError):
    """This node has more to do than it can; try again in a moment."""

    kind, code = ErrorKind.UNAVAILABLE, "limits.overloaded"


register_translations(
    {
        "limits.concurrency": "Слишком много ваших запросов выполняется сразу; дождитесь, пока часть завершится.",
        "limits.overloaded": "Узел перегружен; повторите чуть позже.",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    group: str
    came: "asyncio.Future[None]"


class Places:
    """The places of one lane."""

    def __init__(self, lane: str, *, places: int, most_waiting: int, patience: timedelta) -> None:
        self._turns: Turns[_Turn] = Turns(places, most_waiting)
        self._patience = patience.total_seconds()
        self._held = HELD_PLACES.labels(lane)

    async def take(self, group: str, most: int) -> None:
        """Raises `TooManyAtOnce` or `Overloaded` when there is no place within the patience of the waiting room."""
        if not self._turns.take(group, most):
            await self._wait(group, most)
        self._held.inc()

    def give_back(self, group: str) -> None:
        """Ends the hold; whoever's turn it is goes on."""
        self._held.dec()
        self._pass_on(group)

    async def _wait(self, group: str, most: int) -> None:
        turn = _Turn(group, asyncio.get_running_loop().create_future())
        if not self._turns.wait(group, most, turn):
            raise self._refusal(group, most)
        try:
            async with asyncio.timeout(self._patience):
                await turn.came
        except TimeoutError:
            self._leave(turn)
            raise self._refusal(group, most) from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: _Turn) -> None:
        """A turn that came at the very moment of leaving is passed on."""
        if turn.came.done() and not turn.came.cancelled():
            self._pass_on(turn.group)
        else:
            self._turns.give_up(turn.group, turn)

    def _pass_on(self, group: str) -> None:
        """To the next who still waits: one who is about to leave is still in line, but hears nothing any more."""
        turn = self._turns.give_back(group)
        while turn is not None and turn.came.done():
            turn = self._turns.give_back(turn.group)
        if turn is not None:
            turn.came.set_result(None)

    def _refusal(self, group: str, most: int) -> AppError:
        kind = TooManyAtOnce if self._turns.is_at_its_own_bound(group, most) else Overloaded
        LIMITED.labels("concurrency" if kind is TooManyAtOnce else "overload").inc()
        return kind(retry_after=timedelta(seconds=1))
