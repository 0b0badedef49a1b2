"""Doors of the audit log: HTTP, Kafka, a watcher of requests, timers."""
