"""The search index: the version of each issue that search sees, which may lag behind the truth."""

from collections import deque
from collections.abc import Iterable

from jira_simulator.model.issue import Issue


class Index:
    """`lag_ms` delays every later change; changes become visible in the order they were made."""

    def __init__(self) -> None:
        self.rows: dict[int, Issue] = {}
        self.lag_ms = 0
        self.version = 0
        self._pending: deque[tuple[int, int, Issue | None]] = deque()

    def note(self, issue_id: int, issue: Issue | None, now: int) -> None:
        """A change at `now` (epoch ms); None means deleted."""
        if self.lag_ms == 0 and not self._pending:
            self._apply(issue_id, issue)
        else:
            last = self._pending[-1][0] if self._pending else 0
            self._pending.append((max(now + self.lag_ms, last), issue_id, issue))

    def catch_up(self, now: int) -> None:
        while self._pending and self._pending[0][0] <= now:
            _, issue_id, issue = self._pending.popleft()
            self._apply(issue_id, issue)

    def end_lag(self) -> None:
        self.lag_ms = 0
        while self._pending:
            _, issue_id, issue = self._pending.popleft()
            self._apply(issue_id, issue)

    @property
    def behind(self) -> int:
        return len(self._pending)

    def load(self, issues: Iterable[Issue]) -> None:
        self.rows.update((issue.id, issue) for issue in issues)
        self.version += 1

    def _apply(self, issue_id: int, issue: Issue | None) -> None:
        self.version += 1
        if issue is None:
            self.rows.pop(issue_id, None)
        else:
            self.rows[issue_id] = issue
