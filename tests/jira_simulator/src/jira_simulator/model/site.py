"""One Jira site in memory: catalogue, people, projects, issues, look-ups and who may see what."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jira_simulator.model.catalogue import Catalogue
from jira_simulator.model.index import Index
from jira_simulator.model.issue import Comment, Issue, Worklog
from jira_simulator.model.records import Account, Personality, Project, User


def real_now() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Site:
    personality: Personality
    base_url: str
    catalogue: Catalogue
    media_url: str = ""
    time_zone: str = "Etc/UTC"
    now: Callable[[], int] = real_now
    users: dict[str, User] = field(default_factory=dict)
    projects: dict[int, Project] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    index: Index = field(default_factory=Index)
    children: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    attachment_owner: dict[int, int] = field(default_factory=dict)
    worklog_owner: dict[int, int] = field(default_factory=dict)
    deleted_worklogs: dict[int, int] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    last_number: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    other_user: str = ""
    seed: int = 0
    _last_id: int = 100_000

    @property
    def cloud(self) -> bool:
        return self.personality is Personality.CLOUD

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def reserve_ids(self, highest: int) -> None:
        self._last_id = max(self._last_id, highest)

    def next_key(self, project: Project) -> str:
        self.last_number[project.id] += 1
        return f"{project.key}-{self.last_number[project.id]}"

    def load(self, issues: Iterable[Issue]) -> None:
        """Takes over finished issues as they are: no history, no webhooks, the index is current."""
        taken = list(issues)
        for issue in taken:
            self._register(issue)
            self.issues[issue.id] = issue
            self.last_number[issue.project] = max(self.last_number[issue.project], issue.number)
            self.reserve_ids(max((issue.id, *(a.id for a in issue.attachments), *(w.id for w in issue.worklogs))))
            self.reserve_ids(max((0, *(c.id for c in issue.comments), *(c.id for c in issue.changes))))
            if issue.parent is not None:
                self.children[issue.parent].append(issue.id)
        self.index.load(taken)

    def put(self, issue: Issue, now: int) -> None:
        before = self.issues.get(issue.id)
        if (before.parent if before else None) != issue.parent:
            if before and before.parent is not None:
                self.children[before.parent].remove(issue.id)
            if issue.parent is not None:
                self.children[issue.parent].append(issue.id)
        self.issues[issue.id] = issue
        self._register(issue)
        self.index.note(issue.id, issue, now)

    def _register(self, issue: Issue) -> None:
        self.keys[issue.key] = issue.id
        for attachment in issue.attachments:
            self.attachment_owner[attachment.id] = issue.id
        for worklog in issue.worklogs:
            self.worklog_owner[worklog.id] = issue.id

    def remove(self, issue: Issue, now: int) -> None:
        del self.issues[issue.id]
        for key in [key for key, owner in self.keys.items() if owner == issue.id]:
            del self.keys[key]
        for attachment in issue.attachments:
            self.attachment_owner.pop(attachment.id, None)
        for worklog in issue.worklogs:
            self.worklog_owner.pop(worklog.id, None)
            self.deleted_worklogs[worklog.id] = now
        if issue.parent is not None and issue.id in self.children[issue.parent]:
            self.children[issue.parent].remove(issue.id)
        self.index.note(issue.id, None, now)

    def find_issue(self, id_or_key: str) -> Issue | None:
        """By id, by key, or by a key the issue had before a move."""
        if id_or_key.isascii() and id_or_key.isdigit():
            return self.issues.get(int(id_or_key))
        owner = self.keys.get(id_or_key.upper())
        return None if owner is None else self.issues.get(owner)

    def find_project(self, id_or_key: str) -> Project | None:
        wanted = id_or_key.upper()
        for project in self.projects.values():
            if wanted in (str(project.id), project.key) or wanted in project.old_keys:
                return project
        return None

    def find_user(self, wanted: str) -> User | None:
        if wanted in self.users:
            return self.users[wanted]
        folded = wanted.casefold()
        for user in self.users.values():
            names = (user.name, user.display_name, user.email or "")
            if folded in (name.casefold() for name in names):
                return user
        return None

    def sees_project(self, account: Account | None, project: Project) -> bool:
        return account is not None and project.state != "deleted" and (account.sees_private or not project.private)

    def sees_issue(self, account: Account | None, issue: Issue) -> bool:
        if account is None or (issue.security is not None and issue.security not in account.levels):
            return False
        return self.sees_project(account, self.projects[issue.project])

    def visible_comments(self, account: Account | None, issue: Issue) -> list[Comment]:
        roles = account.roles if account else frozenset()
        return [c for c in issue.comments if c.visibility is None or c.visibility.value in roles]

    def visible_worklogs(self, account: Account | None, issue: Issue) -> list[Worklog]:
        roles = account.roles if account else frozenset()
        return [w for w in issue.worklogs if w.visibility is None or w.visibility.value in roles]

    def find_worklog(self, worklog_id: int) -> tuple[Issue, Worklog] | None:
        owner = self.worklog_owner.get(worklog_id)
        issue = None if owner is None else self.issues.get(owner)
        if issue is None:
            return None
        return next(((issue, worklog) for worklog in issue.worklogs if worklog.id == worklog_id), None)
