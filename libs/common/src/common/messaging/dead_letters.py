"""`python -m common.messaging.dead_letters list|replay|skip TOPIC`: looks at dead letters and gives them another try.

How far they have been dealt with is the committed offset of the group `dead-letters`; replaying is safe because
handlers know a repeated event by its id.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.contracts.topics import TOPICS, Topic
from common.messaging.kafka import client_options, producer, topic_name
from common.settings import KafkaSettings

GROUP = "dead-letters"
_MARK = "dead-letter"


class _CliSettings(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__", frozen=True, extra="ignore")

    kafka: KafkaSettings


@dataclass(frozen=True)
class DeadLetter:
    """One message that could not be handled, and why."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    about: dict[str, Any]  # reason, detail, attempts, group, topic, partition, offset, at

    def line(self) -> str:
        """What `list` prints."""
        about = self.about
        return (
            f"{self.partition}/{self.offset}  {about.get('at', '?')}  group={about.get('group')}  "
            f"attempts={about.get('attempts')}  reason={about.get('reason')}  {about.get('detail', '')}"
        )


@asynccontextmanager
async def _reader(settings: KafkaSettings, topic: Topic) -> AsyncIterator[AIOKafkaConsumer]:
    reader = AIOKafkaConsumer(
        **client_options(settings),
        group_id=f"{settings.topic_prefix}{GROUP}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await reader.start()
    try:
        name = topic_name(settings, topic.dead)
        reader.assign([TopicPartition(name, number) for number in range(TOPICS[topic].partitions)])
        yield reader
    finally:
        await reader.stop()


async def list_dead_letters(settings: KafkaSettings, topic: Topic, limit: int = 100) -> list[DeadLetter]:
    """The letters that nobody has replayed or skipped yet; changes nothing."""
    async with _reader(settings, topic) as reader:
        return [letter async for letter in _waiting(reader, limit)]


async def _waiting(reader: AIOKafkaConsumer, limit: int) -> AsyncIterator[DeadLetter]:
    parts = list(reader.assignment())
    ends = await reader.end_offsets(parts)
    left = {part for part in parts if await reader.position(part) < ends[part]}
    taken = 0
    while left and taken < limit:
        for part, messages in (await reader.getmany(timeout_ms=500)).items():
            for message in messages:
                if message.offset < ends[part] and taken < limit:
                    taken += 1
                    yield _letter(message)
            if await reader.position(part) >= ends[part]:
                left.discard(part)


def _letter(message: Any) -> DeadLetter:
    headers = tuple(message.headers or ())
    marks = [value for name, value in headers if name == _MARK]
    about = orjson.loads(marks[-1]) if marks else {}
    kept = tuple((name, value) for name, value in headers if name != _MARK)
    return DeadLetter(message.partition, message.offset, message.key, message.value or b"", kept, about)


async def replay_dead_letters(settings: KafkaSettings, topic: Topic, limit: int = 100, *, skip: bool = False) -> int:
    """Sends waiting letters to their topic again with key and headers as they were (or skips them); says how many.

    The offset of a letter is committed after Kafka confirmed its copy: a crash in between repeats it, and loses none.
    """
    sender = producer(settings)
    await sender.start()
    done = 0
    try:
        async with _reader(settings, topic) as reader:
            async for letter in _waiting(reader, limit):
                if not skip:
                    await sender.send_and_wait(
                        topic_name(settings, topic), key=letter.key, value=letter.value, headers=list(letter.headers)
                    )
                part = TopicPartition(topic_name(settings, topic.dead), letter.partition)
                await reader.commit({part: letter.offset + 1})  # not a database: an offset
                done += 1
    finally:
        await sender.stop()
    return done


async def _run(command: str, topic: Topic, limit: int) -> str:
    settings = _CliSettings().kafka
    if command == "list":
        letters = await list_dead_letters(settings, topic, limit)
        return "\n".join([*(letter.line() for letter in letters), f"{len(letters)} dead letters of {topic.value}"])
    done = await replay_dead_letters(settings, topic, limit, skip=command == "skip")
    return f"{done} dead letters of {topic.value} {'skipped' if command == 'skip' else 'replayed'}"


def main() -> int:
    """Reads KAFKA__… from the environment; exit 0 when the command did what it says."""
    parser = argparse.ArgumentParser(prog="python -m common.messaging.dead_letters", description=__doc__)
    parser.add_argument("command", choices=("list", "replay", "skip"))
    parser.add_argument("topic", type=Topic, choices=list(Topic), metavar="TOPIC")
    parser.add_argument("--limit", type=int, default=100)
    chosen = parser.parse_args()
    sys.stdout.write(asyncio.run(_run(chosen.command, chosen.topic, chosen.limit)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
