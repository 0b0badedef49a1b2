"""The one place where an issue changes: keeps history and `updated`, feeds index and webhooks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from jira_simulator.model.issue import Change, Issue
from jira_simulator.model.site import Site
from jira_simulator.write.diff import diff
from jira_simulator.write.happening import Happening


@dataclass(frozen=True, slots=True)
class Desk:
    site: Site
    tell: Callable[[Happening], None]

    def commit(self, actor: str, old: Issue, new: Issue, kind: str = "issue_generic") -> tuple[Issue, Change | None]:
        """Stores the new version; an edit that changes nothing leaves no trace, as in Jira."""
        if old == new:
            return old, None
        at = max(self.site.now(), old.updated)
        items = diff(self.site, old, new)
        change = Change(self.site.next_id(), actor, at, items) if items else None
        changes = (*old.changes, change) if change else old.changes
        stored = replace(new, changes=changes, updated=at)
        self.site.put(stored, at)
        if change is not None:
            self.tell(Happening("jira:issue_updated", at, actor, stored, kind=kind, change=change))
        return stored, change
