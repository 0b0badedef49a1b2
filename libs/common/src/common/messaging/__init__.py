"""Kafka: the relay that publishes feeds, consumers that lose nothing, broadcasts, dead letters."""
