"""The ids that go with a unit of work through HTTP and Kafka: request id, W3C trace, tenant."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from common.ids import new_id, public_id

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True)
class WorkContext:
    """What a log line, an outgoing call and an event carry."""

    request_id: str
    trace_id: str
    span_id: str
    tenant: str | None = None
    address: str | None = None  # of the client, as the trusted proxies tell it

    @property
    def traceparent(self) -> str:
        """The W3C header of this unit of work."""
        return f"00-{self.trace_id}-{self.span_id}-01"


_current: ContextVar[WorkContext | None] = ContextVar("work_context", default=None)


def current() -> WorkContext | None:
    """The context of the unit of work that runs here."""
    return _current.get()


@contextmanager
def working(
    *,
    request_id: str | None = None,
    traceparent: str | None = None,
    tenant: str | None = None,
    address: str | None = None,
) -> Iterator[WorkContext]:
    """Opens a unit of work; foreign ids are taken over only when they are well formed."""
    if request_id is None or not _REQUEST_ID.fullmatch(request_id):
        request_id = public_id("req", new_id())
    match = _TRACEPARENT.fullmatch(traceparent or "")
    trace = match.group(1) if match else secrets.token_hex(16)
    context = WorkContext(request_id, trace, secrets.token_hex(8), tenant, address)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def bind_tenant(tenant: str) -> None:
    """Adds the tenant as soon as it is known."""
    context = _current.get()
    if context is not None:
        _current.set(replace(context, tenant=tenant))


def trace_headers() -> dict[str, str]:
    """Headers that carry the context to another service."""
    context = _current.get()
    return {} if context is None else {"traceparent": context.traceparent, "x-request-id": context.request_id}
