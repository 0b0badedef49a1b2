"""A circuit breaker: failures and times come in, whether to try at all goes out."""

from dataclasses import dataclass, replace

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """Closed while `pause` is 0; otherwise nobody tries before `retry_at`, and then one does."""

    pause: float = 0.0
    retry_at: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether a call may be tried; times are seconds of a monotonic clock."""
        return self.pause == 0.0 or now >= self.retry_at

    def trying(self, now: float) -> "Circuit":
        """One caller goes to see; until he knows, the others stay away."""
        return self if self.pause == 0.0 else replace(self, retry_at=now + self.pause)

    def failed(self, now: float) -> "Circuit":
        """Opens, or stays open for twice as long."""
        pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        return Circuit(pause, now + pause)

    def succeeded(self) -> "Circuit":
        """Closes."""
        return self if self.pause == 0.0 else Circuit()
