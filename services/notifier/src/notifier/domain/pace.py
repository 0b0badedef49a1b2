"""A bucket of tokens: how many connections may come per second, with a burst."""


class Pace:
    """Fills by time, empties by use."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None

    def admits(self, now: float) -> bool:
        """Whether one more may come now."""
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
