"""The base of all events, and their form on the wire: CloudEvents 1.0, structured JSON."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.clock import rfc3339
from common.contracts.topics import TOPICS, Topic
from common.ids import TenantId, new_id, parse_id, public_id

_REGISTRY: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """A fact that is committed; subclasses name topic and type. Producers may add fields: unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[Topic]
    type: ClassVar[str]

    event_id: UUID = Field(default_factory=new_id, exclude=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__dict__.get("type")
        if name is not None and _REGISTRY.setdefault(name, cls) is not cls:
            raise TypeError(f"two events are called {name}")

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, for example `jira.issue.changed.v1`."""
        return cls.type

    def subject(self) -> str:
        """What the event is about: a public id."""
        raise NotImplementedError

    def partition_key(self, tenant: TenantId) -> str:
        """The Kafka key: events with the same key stay in order."""
        return f"{public_id('ten', tenant)}:{self.subject()}"


def cloud_event(event: Event, *, tenant: TenantId, time: datetime, traceparent: str | None) -> dict[str, Any]:
    """The envelope of an event; the relay adds `position` and `epoch`."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": public_id("evt", event.event_id),
        "source": f"/jira-export/{TOPICS[event.topic].producer}",
        "type": event.type_name(),
        "subject": event.subject(),
        "time": rfc3339(time),
        "tenantid": public_id("ten", tenant),
        "datacontenttype": "application/json",
        "data": event.model_dump(mode="json"),
    }
    if traceparent:
        envelope["traceparent"] = traceparent
    return envelope


class Envelope(BaseModel):
    """A received CloudEvent; `data` is read with `event()`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    type: str
    subject: str
    time: datetime
    tenantid: str
    position: int | None = None
    epoch: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    @property
    def tenant(self) -> TenantId:
        """The tenant it belongs to."""
        return TenantId(parse_id("ten", self.tenantid))

    @property
    def event_id(self) -> UUID:
        """The id by which a second delivery is known."""
        return parse_id("evt", self.id)

    def event(self) -> Event | None:
        """The typed event, or None for a type that this version does not know."""
        kind = _REGISTRY.get(self.type)
        return None if kind is None else kind.model_validate({**self.data, "event_id": self.event_id})


def event_types() -> dict[str, type[Event]]:
    """Every declared event by its type; import the modules of `common.contracts` first."""
    return dict(_REGISTRY)
