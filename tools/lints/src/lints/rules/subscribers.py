"""Subscribers are declared by `common.messaging.consuming.subscribe` alone: other policies lose messages."""

from collections.abc import Iterator

from lints.source import Finding, Source, dotted

RULE = "subscriber"
_HOME = "libs/common/src/common/messaging/"


def check(source: Source) -> Iterator[Finding]:
    """FastStream subscribers and aiokafka consumers outside `common.messaging`."""
    if not source.is_source or source.path.startswith(_HOME) or source.parts[0] not in ("libs", "services"):
        return
    for call in source.calls():
        name = dotted(call.func)
        if name.endswith(".subscriber") or name in ("AIOKafkaConsumer", "AIOKafkaProducer", "KafkaBroker"):
            yield Finding(source.path, call.lineno, RULE, f"{name}: use common.messaging")
