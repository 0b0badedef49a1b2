"""Consumers that lose nothing: retries while the partition waits, then a dead letter, and only then the ack.

FastStream's own policies lose or spin (docs/adr/0003): a broker-wide policy is not inherited by routers, an ack of the
next message commits past a failed one. So every subscriber is declared here and nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaMessage, KafkaRouter
from pydantic import ValidationError

from common.clock import utc_now
from common.contracts.events import Envelope
from common.contracts.topics import Topic
from common.errors import AppError, ErrorKind
from common.messaging.kafka import topic_name
from common.settings import KafkaSettings
from common.telemetry.context import working
from common.telemetry.metrics import CONSUME_SECONDS, CONSUMED, CONSUMER_HALTED

log = structlog.get_logger(__name__)

Handler = Callable[[Envelope], Awaitable[None]]

#: Errors that another try may cure; every other AppError goes to the dead letters at once.
RETRIABLE = frozenset({ErrorKind.UPSTREAM_BUSY, ErrorKind.UPSTREAM_BROKEN, ErrorKind.UNAVAILABLE, ErrorKind.TOO_MANY})
#: Errors that mean "nothing to do any more": acknowledged and counted.
DROPPED = frozenset({ErrorKind.NOT_FOUND, ErrorKind.GONE})


@dataclass(frozen=True)
class RetryRule:
    """How often and how long a message is tried before it is a dead letter."""

    attempts: int = 6
    first_pause: timedelta = timedelta(milliseconds=250)
    longest_pause: timedelta = timedelta(seconds=15)
    halt_after: int = 20  # dead letters in a row after which the consumer stops: then the fault is ours

    def pause(self, attempt: int) -> float:
        """Seconds to wait after a failed attempt (the first is 1)."""
        return float(min(self.first_pause.total_seconds() * 2 ** (attempt - 1), self.longest_pause.total_seconds()))


class ConsumerHalted(Exception):
    """Everything fails: the consumer stopped itself instead of emptying the topic into the dead letters."""


class Delivery:
    """Takes one message to its end for one consumer group."""

    def __init__(
        self,
        topic: Topic,
        group: str,
        handler: Handler,
        settings: KafkaSettings,
        sender: AIOKafkaProducer,
        rule: RetryRule,
    ) -> None:
        self.topic = topic
        self.group = group
        self._handler = handler
        self._settings = settings
        self._sender = sender
        self._rule = rule
        self._dead_in_a_row = 0
        self.halted = False

    async def __call__(self, message: KafkaMessage) -> None:
        """Returns only when the message may be acknowledged; raises `ConsumerHalted` otherwise."""
        if self.halted:
            await _never()
        with CONSUME_SECONDS.labels(self.topic.value, self.group).time():
            outcome = await self._take(message)
        CONSUMED.labels(self.topic.value, self.group, outcome).inc()
        await message.ack()

    async def _take(self, message: KafkaMessage) -> str:
        raw = bytes(message.body)
        try:
            envelope = Envelope.model_validate_json(raw)
        except ValidationError as error:
            return await self._bury(message, raw, "unreadable", str(error)[:500], attempts=1)
        headers = {name.lower(): value for name, value in message.headers.items()}
        with working(
            request_id=headers.get("x-request-id"), traceparent=envelope.traceparent, tenant=envelope.tenantid
        ):
            return await self._handle(message, raw, envelope)

    async def _handle(self, message: KafkaMessage, raw: bytes, envelope: Envelope) -> str:
        for attempt in range(1, self._rule.attempts + 1):
            try:
                await self._handler(envelope)
            except asyncio.CancelledError:
                raise
            except AppError as error:
                if error.kind in DROPPED:
                    log.info("message_dropped", topic=self.topic.value, code=error.code, event=envelope.id)
                    return "dropped"
                reason, final = error.code, error.kind not in RETRIABLE
                detail = str(error)
            except Exception as error:
                log.exception("handler_failed", topic=self.topic.value, group=self.group, message_id=envelope.id)
                reason, detail, final = type(error).__name__, str(error)[:500], False
            else:
                self._dead_in_a_row = 0
                return "done"
            if final or attempt == self._rule.attempts:
                return await self._bury(message, raw, reason, detail, attempts=attempt)
            CONSUMED.labels(self.topic.value, self.group, "retried").inc()
            await asyncio.sleep(self._rule.pause(attempt))
        raise AssertionError("unreachable")

    async def _bury(self, message: KafkaMessage, raw: bytes, reason: str, detail: str, *, attempts: int) -> str:
        """Writes the dead letter and only then lets the ack go; halts when nothing else has worked for long."""
        self._dead_in_a_row += 1
        if self._dead_in_a_row >= self._rule.halt_after:
            self.halted = True
            CONSUMER_HALTED.labels(self.topic.value, self.group).set(1)
            log.error("consumer_halted", topic=self.topic.value, group=self.group, reason=reason)
            await _never()
        record: Any = message.raw_message
        letter = {
            "reason": reason,
            "detail": detail,
            "attempts": attempts,
            "group": self.group,
            "topic": self.topic.value,
            "partition": record.partition,
            "offset": record.offset,
            "at": utc_now().isoformat(),
        }
        headers = [*(record.headers or ()), ("dead-letter", orjson.dumps(letter))]
        dead = topic_name(self._settings, self.topic.dead)
        while True:
            try:
                async with asyncio.timeout(15):
                    await self._sender.send_and_wait(dead, key=record.key, value=raw, headers=headers)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("dead_letter_waits", topic=dead, error=type(error).__name__)
                await asyncio.sleep(1)
            else:
                log.error("dead_letter", topic=dead, reason=reason, attempts=attempts)
                return "dead"


async def _never() -> None:
    """Holds the partition: nothing is acknowledged, health says why, an operator restarts the service."""
    await asyncio.Event().wait()


def subscribe(
    router: KafkaRouter,
    topic: Topic,
    *,
    group: str,
    handler: Handler,
    settings: KafkaSettings,
    sender: AIOKafkaProducer,
    rule: RetryRule | None = None,
) -> Delivery:
    """Declares a subscriber with the one policy that loses nothing; `handler` must be idempotent by event id."""
    delivery = Delivery(topic, group, handler, settings, sender, rule or RetryRule())

    @router.subscriber(
        topic_name(settings, topic),
        group_id=f"{settings.topic_prefix}{group}",
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        max_poll_interval_ms=600_000,
        title=f"{group}:{topic.value}",
    )
    async def door(message: KafkaMessage) -> None:
        await delivery(message)

    return delivery
