"""A producer is stopped while Kafka answers, and while it does not."""

import asyncio

from common.messaging.kafka import _STOPPING, stop_within


class Accumulator:
    def __init__(self) -> None:
        self.given_up = asyncio.Event()

    def fail_all(self, _error: Exception) -> None:
        self.given_up.set()


class Producer:
    """Flushes at once, or, like the real one without Kafka, only after its messages were given up."""

    def __init__(self, *, answered: bool, error: Exception | None = None) -> None:
        self._message_accumulator = Accumulator()
        self.answered, self.error, self.closed = answered, error, False

    async def stop(self) -> None:
        if not self.answered:
            await self._message_accumulator.given_up.wait()
        if self.error is not None:
            raise self.error
        self.closed = True


async def _all_ended() -> None:
    async with asyncio.timeout(5):
        while _STOPPING:
            await asyncio.sleep(0)


async def test_messages_are_not_given_up_while_kafka_takes_them():
    producer = Producer(answered=True)
    await stop_within(producer, 5)
    assert producer.closed
    assert not producer._message_accumulator.given_up.is_set()


async def test_a_producer_without_kafka_is_closed_all_the_same():
    producer = Producer(answered=False)
    await stop_within(producer, 0.01)
    await _all_ended()
    assert producer.closed


async def test_a_stop_that_fails_harms_nobody():
    await stop_within(Producer(answered=True, error=ConnectionError("gone")), 5)
    await _all_ended()
