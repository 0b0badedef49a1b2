"""A message of the bus becomes a message of a feed: whom it reaches, who may hear it, and the JSON for clients."""

from typing import Any

import orjson

from common.contracts.topics import TOPICS, Topic
from common.messaging.broadcast import Received
from notifier.domain.channels import Feed, Kind, Target
from notifier.domain.feed_line import Message
from notifier.domain.publication import Publication

_FEED_OF_PRODUCER = {"jira-sync": Feed.JIRA, "export-worker": Feed.EXPORTS, "auth": Feed.ACCESS}

#: A level that nobody holds: what says nothing about its access is not visible.
_NOBODY = "\x00unknown"


def feed_of(topic: Topic) -> Feed:
    """The feed of a topic is its producer's: one sequencer numbers all that a service publishes."""
    return _FEED_OF_PRODUCER[TOPICS[topic].producer]


#: All topics of the three feeds: one left out would leave holes in the positions.
READ_TOPICS = tuple(topic for topic in Topic if TOPICS[topic].producer in _FEED_OF_PRODUCER)


def make_message(received: Received) -> Message | None:
    """The message in its feed; None when it carries no position, which only a stranger's could."""
    envelope = received.envelope
    if envelope.position is None or envelope.epoch is None:
        return None
    targets = _targets(received.topic, envelope.tenantid, envelope.data)
    publication = _publication(received, targets) if targets else None
    return Message(envelope.epoch, envelope.position, received.timestamp_ms / 1000, publication)


def _publication(received: Received, targets: tuple[Target, ...]) -> Publication:
    envelope = received.envelope
    document = orjson.loads(received.raw)
    level, visibility = None, None
    if received.topic is Topic.JIRA_ISSUES:
        access = document["data"].pop("access", None)
        if not isinstance(access, dict):
            access = {"level": _NOBODY}
        level, visibility = access.get("level"), access.get("visibility")
    return Publication(
        feed=feed_of(received.topic),
        epoch=envelope.epoch or "",
        position=envelope.position or 0,
        event_id=envelope.id,
        tenant=envelope.tenantid,
        targets=targets,
        data=orjson.dumps(document).decode(),
        level=level,
        visibility=visibility,
    )


def _targets(topic: Topic, tenant: str, data: dict[str, Any]) -> tuple[Target, ...]:
    if topic is Topic.JIRA_ISSUES:
        return _issue_targets(tenant, data)
    if topic is Topic.SYNC_EVENTS:
        connection = str(data.get("connection_id"))
        return Target(tenant, Kind.CONNECTION, connection), Target(tenant, Kind.TENANT, tenant)
    if topic is Topic.EXPORT_EVENTS:
        export = Target(tenant, Kind.EXPORT, str(data.get("export_id")))
        user = data.get("user_id")
        return (export,) if user is None else (export, Target(tenant, Kind.USER, str(user)))
    return ()


def _issue_targets(tenant: str, data: dict[str, Any]) -> tuple[Target, ...]:
    """An issue that moved is told in the project that it left, too."""
    connection = str(data.get("connection_id"))
    projects = {str(data[name]): None for name in ("project_id", "old_project_id") if data.get(name) is not None}
    return (
        Target(tenant, Kind.ISSUE, str(data.get("issue_id"))),
        *(Target(tenant, Kind.PROJECT, connection, project) for project in projects),
    )
