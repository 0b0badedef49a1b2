"""Registered webhooks: what was asked for, and which of them hear of a happening."""

from dataclasses import dataclass, field

EVENTS = frozenset(
    {
        "jira:issue_created", "jira:issue_updated", "jira:issue_deleted",
        "comment_created", "comment_updated", "comment_deleted",
        "worklog_created", "worklog_updated", "worklog_deleted",
        "attachment_created", "attachment_deleted",
        "issuelink_created", "issuelink_deleted",
        "issue_property_set", "issue_property_deleted",
        "project_created", "project_updated", "project_deleted", "project_soft_deleted", "project_restored_deleted",
        "project_archived", "project_restored_archived",
        "jira:version_released", "jira:version_unreleased", "jira:version_created", "jira:version_moved",
        "jira:version_updated", "jira:version_deleted",
        "sprint_created", "sprint_deleted", "sprint_updated", "sprint_started", "sprint_closed",
        "board_created", "board_updated", "board_deleted", "board_configuration_changed",
        "user_created", "user_updated", "user_deleted",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Webhook:
    """`jql` filters events that belong to an issue; an empty one lets all through."""

    id: int
    name: str
    url: str
    events: frozenset[str]
    jql: str
    secret: str | None
    exclude_body: bool
    enabled: bool
    owner: str
    changed: int


@dataclass(slots=True)
class Registry:
    hooks: dict[int, Webhook] = field(default_factory=dict)
    last_id: int = 0

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def listening(self, event: str) -> list[Webhook]:
        return [hook for hook in self.hooks.values() if hook.enabled and event in hook.events]
