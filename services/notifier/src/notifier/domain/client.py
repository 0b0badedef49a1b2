"""One connected client: its session, what it is owed, and how its writer is woken; never blocks whoever tells it."""

from collections.abc import Callable, Collection

from notifier.domain import codes
from notifier.domain.codes import Ending
from notifier.domain.lines import Line, disconnected
from notifier.domain.publication import Viewer
from notifier.domain.send_queue import SendQueue
from notifier.domain.session import Session

Clock = Callable[[], float]


class Client:
    """`wake` tells the writer that there is something to do; `cut` closes at once, past a writer that is stuck."""

    def __init__(
        self,
        session: Session,
        queue: SendQueue,
        *,
        clock: Clock,
        wake: Callable[[], None],
        cut: Callable[[Ending], None],
        tenants: Collection[str] | None = None,
    ) -> None:
        self.session = session
        self.queue = queue
        self.ending: Ending | None = None
        self._tenants = tenants
        self._clock = clock
        self._wake = wake
        self._cut = cut

    def is_open_to(self, tenant: str) -> bool:
        """Whether the page that opened the socket may speak for this tenant's members."""
        return self._tenants is None or tenant in self._tenants

    @property
    def viewer(self) -> Viewer | None:
        """Whose connection it is; None before the token was accepted."""
        return self.session.viewer

    def offer(self, line: Line) -> None:
        """Queues a line; a client that does not keep up is closed and comes back by recovery."""
        if self.ending is not None:
            return
        if self.queue.offer(line, self._clock()):
            self._wake()
        else:
            self.end(codes.SLOW)

    def answer(self, line: Line) -> None:
        """Queues the answer to a command."""
        if self.ending is None:
            self.queue.answer(line, self._clock())
            self._wake()

    def dropped(self, channel: str) -> None:
        """The server took the client out of a channel."""
        self.session.channels.pop(channel, None)

    def end(self, ending: Ending) -> None:
        """Closes once: behind what is queued, or at once when the writer is stuck in a frame."""
        if self.ending is not None:
            return
        self.session.closed = True
        if not self.queue.is_writing and ending is not codes.SLOW:
            self.queue.offer(disconnected(ending), self._clock())
            self.ending = ending
        else:
            self.ending = ending
            self._cut(ending)
        self._wake()

    def look_at_age(self) -> None:
        """Closes a client whose oldest line waits too long although nothing new came for it."""
        if self.queue.is_slow(self._clock()):
            self.end(codes.SLOW)
