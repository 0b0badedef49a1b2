"""Health asks real Kafka, and says no when nobody is there."""

from common.messaging.probe import KafkaProbe
from common.settings import KafkaSettings


async def test_the_probe_tells_a_broker_from_an_empty_port(kafka_settings: KafkaSettings) -> None:
    assert await KafkaProbe(kafka_settings).answers()
    assert not await KafkaProbe(kafka_settings.model_copy(update={"bootstrap": "127.0.0.1:9"})).answers()
