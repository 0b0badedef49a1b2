"""Starts the local stack: Postgres, Redis, Kafka, object storage, the services."""
