"""Who asks on and on although he was refused: his refusals come in, whether the next may take its time goes out."""

from collections import OrderedDict

#: As many refusals within a second are an honest mistake of a client that asks in parallel.
_HONEST = 5
_SECOND = 1.0
_MOST = 10_000
#: Nobody is made to wait any more when so many wait already: connections cost something too.
MOST_PAUSED = 2_000


class Insistence:
    """Counts refusals by whom they met, second by second."""

    def __init__(self) -> None:
        self._refused: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def note(self, group: str, now: float) -> bool:
        """Counts one refusal; True when it is one too many."""
        began, count = self._refused.pop(group, (now, 0))
        if now - began >= _SECOND:
            began, count = now, 0
        self._refused[group] = (began, count + 1)
        if len(self._refused) > _MOST:
            self._refused.popitem(last=False)
        return count >= _HONEST
