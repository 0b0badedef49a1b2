"""The catalogue of Kafka topics: who writes and reads each, by what key, how many partitions, for how long."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Topic(StrEnum):
    """The name of a topic."""

    JIRA_ISSUES = "jira.issues"
    SYNC_EVENTS = "sync.events"
    EXPORT_REQUESTS = "export.requests"
    EXPORT_EVENTS = "export.events"
    ACCESS_EVENTS = "access.events"

    @property
    def dead(self) -> str:
        """The topic of its dead letters."""
        return f"{self.value}.dead"


@dataclass(frozen=True)
class TopicContract:
    """What holds for one topic; partition counts are final, because the order per key rests on them."""

    topic: Topic
    about: str
    producer: str
    groups: tuple[str, ...]  # services that consume with a group and an inbox
    broadcasts: tuple[str, ...]  # services of which every node reads all partitions
    key: str
    partitions: int
    retention: timedelta


_WEEK = timedelta(days=7)

TOPICS: dict[Topic, TopicContract] = {
    contract.topic: contract
    for contract in (
        TopicContract(
            Topic.JIRA_ISSUES,
            "What changed in mirrored issues, comments and worklogs.",
            "jira-sync",
            (),
            ("notifier",),
            "tenant:issue",
            12,
            _WEEK,
        ),
        TopicContract(
            Topic.SYNC_EVENTS,
            "Phases and grants of connections, and audit entries of jira-sync.",
            "jira-sync",
            ("api-gateway",),
            ("notifier",),
            "tenant:connection",
            3,
            _WEEK,
        ),
        TopicContract(
            Topic.EXPORT_REQUESTS,
            "Exports that wait to be rendered.",
            "export-worker",
            ("export-worker",),
            # Positions are dense over all topics of a producer: to order one, the notifier must see the other.
            ("notifier",),
            "tenant:export",
            6,
            _WEEK,
        ),
        TopicContract(
            Topic.EXPORT_EVENTS,
            "Progress and end of exports, and audit entries of export-worker.",
            "export-worker",
            ("api-gateway",),
            ("notifier",),
            "tenant:export",
            6,
            _WEEK,
        ),
        TopicContract(
            Topic.ACCESS_EVENTS,
            "Sessions that ended, memberships that changed, and audit entries of auth.",
            "auth",
            ("api-gateway",),
            ("api-gateway", "notifier"),
            "tenant",
            3,
            _WEEK,
        ),
    )
}

#: Dead letters wait longer, so that somebody can look at them.
DEAD_RETENTION = timedelta(days=30)
