"""A message of the bus becomes a message of a feed: whom it reaches, who may hear it, and the JSON for clients."""

from typing import Any

import orjson

from common.contracts.exports import ExportFinishedV1, ExportProgressedV1
from common.contracts.issues import IssueCreatedV1, IssueDeletedV1
from common.contracts.sync import SyncPhaseChangedV1
from common.contracts.topics import TOPICS, Topic
from common.messaging.broadcast import Received
from notifier.domain.channels import Feed, Kind, Target
from notifier.domain.feed_line import Message
from notifier.domain.publication import Publication
from notifier.domain.sight import Origin

_FEED_OF_PRODUCER = {"jira-sync": Feed.JIRA, "export-worker": Feed.EXPORTS, "auth": Feed.ACCESS}

#: A level that nobody holds: what says nothing about its access is not visible.
_NOBODY = "\x00unknown"

#: What clients are told beside issues; grants and audit entries travel on the same topics and are not for them.
_TOLD = frozenset({SyncPhaseChangedV1.type, ExportProgressedV1.type, ExportFinishedV1.type})
_OLD_PLACE = ("old_key", "old_project_key", "old_project_id")


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
    is_told = received.topic is Topic.JIRA_ISSUES or envelope.type in _TOLD
    targets = _targets(received.topic, envelope.tenantid, envelope.data) if is_told else ()
    publication = _publication(received, targets) if targets else None
    return Message(envelope.epoch, envelope.position, received.timestamp_ms / 1000, publication)


def _publication(received: Received, targets: tuple[Target, ...]) -> Publication:
    envelope = received.envelope
    document = orjson.loads(received.raw)
    origin = _origin(received.topic, document["data"])
    has_moved = origin is not None and origin.left not in (None, origin.project)
    return Publication(
        feed=feed_of(received.topic),
        epoch=envelope.epoch or "",
        position=envelope.position or 0,
        event_id=envelope.id,
        tenant=envelope.tenantid,
        targets=targets,
        data=orjson.dumps(document).decode(),
        origin=origin,
        gone=_text(document, IssueDeletedV1.type, _as_it_was(document["data"])) if has_moved else None,
        come=_text(document, IssueCreatedV1.type, _without_old_place(document["data"])) if has_moved else None,
    )


def _origin(topic: Topic, data: dict[str, Any]) -> Origin | None:
    """Takes what is only for us out of the data."""
    if topic is Topic.SYNC_EVENTS:
        return Origin(str(data.get("connection_id")))
    if topic is not Topic.JIRA_ISSUES:
        return None
    access = data.pop("access", None)
    if not isinstance(access, dict):
        access = {"level": _NOBODY}
    left = data.get("old_project_id")
    return Origin(
        connection=str(data.get("connection_id")),
        project=str(data.get("project_id")),
        left=None if left is None else str(left),
        level=access.get("level"),
        visibility=access.get("visibility"),
    )


def _text(document: dict[str, Any], kind: str, data: dict[str, Any]) -> str:
    return orjson.dumps({**document, "type": kind, "data": data}).decode()


def _without_old_place(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in _OLD_PLACE}


def _as_it_was(data: dict[str, Any]) -> dict[str, Any]:
    return _without_old_place(data) | {name.removeprefix("old_"): data.get(name) for name in _OLD_PLACE}


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
