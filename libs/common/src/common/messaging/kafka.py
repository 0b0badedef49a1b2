"""Connections to Kafka from the settings: for aiokafka, for FastStream, and the making of topics."""

import asyncio
import logging
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaTimeoutError
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from common.contracts.topics import DEAD_RETENTION, TOPICS, Topic
from common.settings import KafkaSettings

log = structlog.get_logger(__name__)

_TOPIC_EXISTS = 36

#: Producers that take longer to stop than their owners wait: a task that nobody holds is destroyed half way.
_STOPPING: set["asyncio.Task[None]"] = set()

# About 1,800 lines while a broker is away (measured): the state is in metrics and health instead.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """What every aiokafka client takes."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "security_protocol": settings.security_protocol,
        "ssl_context": settings.ssl_context(),
        "request_timeout_ms": 10_000,
        "metadata_max_age_ms": 60_000,
    }
    if settings.security_protocol.startswith("SASL") and settings.password is not None:
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    return options


def topic_name(settings: KafkaSettings, topic: Topic | str) -> str:
    """The name of a topic in this cluster."""
    return f"{settings.topic_prefix}{topic}"


def producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """A producer that confirms with all replicas and keeps the order per key over retries."""
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=0,
        max_batch_size=256 * 1024,
    )


def build_broker(settings: KafkaSettings, *, graceful_timeout: float = 15.0) -> KafkaBroker:
    """FastStream's broker; subscribers come from `consuming.subscribe`, which sets their policy itself.

    A handler that still runs after `graceful_timeout` seconds of stopping is cancelled, and its message comes again.
    """
    return KafkaBroker(
        settings.bootstrap.split(","),
        security=_security(settings),
        graceful_timeout=graceful_timeout,
        allow_auto_create_topics=False,
        logger=None,
    )


def _security(settings: KafkaSettings) -> BaseSecurity | None:
    tls = settings.security_protocol.endswith("SSL")
    context = settings.ssl_context()
    if not settings.security_protocol.startswith("SASL") or settings.username is None or settings.password is None:
        return BaseSecurity(ssl_context=context, use_ssl=True) if tls else None
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    kind = kinds[settings.sasl_mechanism]
    return kind(settings.username, settings.password.get_secret_value(), ssl_context=context, use_ssl=tls)


async def ensure_topics(settings: KafkaSettings) -> None:
    """Makes the topics of the catalogue and their dead-letter topics; those that exist stay as they are."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        wanted = [
            _new_topic(settings, name, contract.partitions, span)
            for contract in TOPICS.values()
            for name, span in ((contract.topic.value, contract.retention), (contract.topic.dead, DEAD_RETENTION))
        ]
        answer = await admin.create_topics(wanted)
        for name, code, *message in answer.topic_errors:
            if code not in (0, _TOPIC_EXISTS):
                raise RuntimeError(f"Kafka would not make topic {name}: {code} {message}")
    finally:
        await admin.close()


def _new_topic(settings: KafkaSettings, name: str, partitions: int, retention: Any) -> NewTopic:
    return NewTopic(
        name=topic_name(settings, name),
        num_partitions=partitions,
        replication_factor=settings.replication,
        topic_configs={"retention.ms": str(int(retention.total_seconds() * 1000))},
    )


async def start_patiently(client: Any, what: str) -> None:
    """Starts an aiokafka client or a broker, again and again until Kafka is there."""
    pause = 0.25
    told = False
    while True:
        try:
            await client.start()
        except Exception as error:
            if not told:
                log.warning("kafka_away", what=what, error=type(error).__name__)
                told = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            return


async def stop_within(sender: AIOKafkaProducer, seconds: float) -> None:
    """Flushes and closes; what Kafka does not take in time is given up, and the closing goes on by itself."""
    task = asyncio.create_task(sender.stop(), name="stopping a producer")
    _STOPPING.add(task)
    task.add_done_callback(_stopped)
    _, late = await asyncio.wait({task}, timeout=seconds)
    if late:
        # Without this its flush waits for ever: the messages are only given up when somebody says so.
        sender._message_accumulator.fail_all(KafkaTimeoutError("the producer was stopped first"))  # noqa: SLF001


def _stopped(task: "asyncio.Task[None]") -> None:
    _STOPPING.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.debug("producer_not_stopped", error=type(task.exception()).__name__)
