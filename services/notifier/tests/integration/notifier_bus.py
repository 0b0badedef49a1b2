"""Speaks on the real bus as the relays do: CloudEvents with dense positions per feed."""

from collections import Counter
from typing import Any, Self

from orjson import dumps

from common.clock import utc_now
from common.contracts.events import Event, cloud_event
from common.contracts.issues import CommentCreatedV1, EventAccess, IssueChangedV1
from common.db.sequencing import Waiting
from common.ids import TenantId, parse_id
from common.messaging.kafka import producer, topic_name
from common.messaging.relay import with_position
from common.settings import KafkaSettings
from notifier.usecases.make_publication import feed_of


class Bus:
    """`await bus.send(event, tenant)` returns the event's position."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._positions: Counter[str] = Counter()
        self.epoch = "e1"

    async def __aenter__(self) -> Self:
        self._sender = producer(self._settings)
        await self._sender.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sender.stop()

    async def send(self, event: Event, tenant: str, *, position: int | None = None, key: str | None = None) -> int:
        """The next position of the feed, or one that was reserved."""
        position = position or self.reserve(event)
        uuid = TenantId(parse_id("ten", tenant))
        envelope = cloud_event(event, tenant=uuid, time=utc_now(), traceparent=None)
        waiting = Waiting(position, self.epoch, event.topic.value, "", dumps(envelope), {})
        await self._sender.send_and_wait(
            topic_name(self._settings, event.topic),
            key=(key or event.partition_key(uuid)).encode(),
            value=with_position(waiting),
        )
        return position

    async def send_raw(self, topic: str, value: bytes) -> None:
        """Something that no relay would send."""
        await self._sender.send_and_wait(topic_name(self._settings, topic), value=value)

    def reserve(self, event: Event) -> int:
        """A position for an event that is sent later."""
        feed = feed_of(event.topic)
        self._positions[feed] += 1
        return self._positions[feed]


def changed(mirror: Any, number: int = 1, **changes: Any) -> IssueChangedV1:
    """An issue of the mirror changed; its summary tells the number."""
    return IssueChangedV1(**_facts(mirror, number, changes), fields=["summary"])


def commented(mirror: Any, visibility: str | None = None) -> CommentCreatedV1:
    """Somebody wrote a comment, perhaps only for some."""
    facts = _facts(mirror, 1, {"access": EventAccess(visibility=visibility)})
    return CommentCreatedV1(**facts, comment_id="com_00000000000000000000000000")


def _facts(mirror: Any, number: int, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "connection_id": mirror.connection,
        "issue_id": mirror.issue,
        "key": f"{mirror.key}-1",
        "project_key": mirror.key,
        "project_id": str(mirror.project_id),
        "revision": number,
        "at": utc_now(),
    } | changes
