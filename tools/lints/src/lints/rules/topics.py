"""Each topic of the catalogue is emitted by its producer and handled by every consumer that it names."""

from collections.abc import Iterable, Iterator

from common.contracts.topics import TOPICS, TopicContract
from lints.source import Finding, Source

RULE = "topics"
_CATALOGUE = "libs/common/src/common/contracts/topics.py"


def check_all(sources: Iterable[Source], contracts: Iterable[TopicContract] | None = None) -> Iterator[Finding]:
    """Compares the catalogue with the words in the services' sources."""
    texts: dict[str, list[str]] = {}
    for source in sources:
        if source.parts[0] == "services" and source.is_source:
            texts.setdefault(source.parts[1], []).append(source.text)
    whole = {service: "\n".join(parts) for service, parts in texts.items()}
    for contract in contracts if contracts is not None else TOPICS.values():
        name = f"Topic.{contract.topic.name}"
        for service in contract.groups:
            if name not in whole.get(service, "") or "subscribe(" not in whole.get(service, ""):
                yield Finding(_CATALOGUE, 1, RULE, f"{service} has no handler for {contract.topic.value}")
        for service in contract.broadcasts:
            text = whole.get(service, "")
            listens = contract.topic.name == "ACCESS_EVENTS" and "listen_for_ended_sessions" in text
            reads_all = "for topic in Topic" in text
            if name not in text and not listens and not reads_all:
                yield Finding(_CATALOGUE, 1, RULE, f"{service} does not read {contract.topic.value}")
        if ".emit(" not in whole.get(contract.producer, ""):
            yield Finding(_CATALOGUE, 1, RULE, f"{contract.producer} emits nothing to {contract.topic.value}")
